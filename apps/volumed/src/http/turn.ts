import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Settles when the answers to all earlier requests of the connection are out,
 * or the connection is gone. Node starts requests that a client pipelines side
 * by side; a GET after a PUT must see what was put (RFC 9112, section 9.3.2).
 */
export function turnOf(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> | undefined {
  // Node gives the socket to one response after the other.
  if (response.socket !== null || request.socket.destroyed) return undefined;
  return settleOnFirst([response, 'socket'], [request.socket, 'close']);
}

/** Settles when the response is out, or its connection is gone. */
export function closeOf(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> | undefined {
  if (response.closed || request.socket.destroyed) return undefined;
  // A response that never got the socket hears nothing of its close.
  return settleOnFirst([response, 'close'], [request.socket, 'close']);
}

type Source = Pick<NodeJS.EventEmitter, 'once' | 'off'>;

function settleOnFirst(
  ...events: ReadonlyArray<readonly [Source, string]>
): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const [source, event] of events) source.off(event, settle);
      resolve();
    };
    for (const [source, event] of events) source.once(event, settle);
  });
}
