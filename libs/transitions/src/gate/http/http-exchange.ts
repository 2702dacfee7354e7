import type { Socket } from 'node:net';

/** The request of Express, or that of Fastify, which has Node's as `raw`. */
export interface HttpRequest {
  readonly raw?: NodeRequest;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** The response of Express, or the reply of Fastify, which has Node's response as `raw`. */
export interface HttpResponse {
  readonly raw?: NodeResponse;
  header(name: string, value: string): unknown;
}

interface NodeRequest {
  readonly socket: Socket;
}

interface NodeResponse {
  readonly closed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/**
 * Calls back once, when the response is finished (its connection may be kept
 * alive) or its connection is gone; at once where that has happened already.
 */
export function whenOver(
  request: HttpRequest,
  response: HttpResponse,
  over: () => void,
): void {
  const { socket } = (request.raw ?? request) as NodeRequest;
  const answer = (response.raw ?? response) as NodeResponse;
  if (answer.closed || socket.destroyed) return over();
  const settle = (): void => {
    answer.off('close', settle);
    listenersOf(socket).delete(settle);
    over();
  };
  answer.once('close', settle);
  // A response that waits for those pipelined before it has no socket yet, and
  // hears nothing of its close.
  listenersOf(socket).add(settle);
}

const closeListeners = new WeakMap<Socket, Set<() => void>>();

/** One listener for all requests of a connection: Node warns of more than ten. */
function listenersOf(socket: Socket): Set<() => void> {
  let listeners = closeListeners.get(socket);
  if (listeners === undefined) {
    const all = new Set<() => void>();
    socket.once('close', () => all.forEach((listener) => listener()));
    closeListeners.set(socket, all);
    listeners = all;
  }
  return listeners;
}
