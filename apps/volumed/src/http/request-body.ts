import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A body that is not wanted is read to its end up to this size. */
const SMALL_BODY_BYTES = 64 * 1024;
/** How long a client that goes on sending is listened to: altogether, and without a byte. */
const DISCARD_MS = 60_000;
const DISCARD_IDLE_MS = 1_000;
/** And for how much, at least; more where larger files are accepted. */
const DISCARD_BYTES = 64 * 1024 * 1024;

const awaitsContinue = new WeakSet<IncomingMessage>();

/** A client of `server` that waits for `100 Continue` gets it only when its upload is wanted: see `inviteBody`. */
export function expectContinue(server: Server): void {
  server.on('checkContinue', (request, response) => {
    awaitsContinue.add(request);
    server.emit('request', request, response);
  });
}

/** To be called before the body is read: lets a client that waits for it begin. */
export function inviteBody(
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (awaitsContinue.delete(request)) response.writeContinue();
}

/** The length that the client announced; undefined when it sends chunks, 0 without a body. */
export function announcedLength(request: IncomingMessage): number | undefined {
  if (request.headers['transfer-encoding'] !== undefined) return undefined;
  return Number(request.headers['content-length'] ?? 0);
}

/** True when the rest of the body is so small that reading it is cheaper than a new connection. */
export function bodyIsSmall(request: IncomingMessage): boolean {
  if (request.complete) return true;
  // It may send its body or not: only a new connection can tell.
  if (awaitsContinue.has(request)) return false;
  const length = announcedLength(request);
  return length !== undefined && length <= SMALL_BODY_BYTES;
}

/**
 * Drops what the client sends until it stops, goes away, or was listened to long
 * enough: many a client reads no answer before it has sent everything, so as much
 * is read as of a file of `maxFileBytes`, which it might have sent as well.
 */
export function discardBody(
  request: IncomingMessage,
  maxFileBytes: number,
): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = Math.max(maxFileBytes, DISCARD_BYTES);
    const finish = (): void => {
      clearTimeout(limit);
      clearTimeout(idle);
      request.off('data', count).off('end', finish).off('close', finish);
      resolve();
    };
    const count = (chunk: Uint8Array): void => {
      idle.refresh();
      left -= chunk.byteLength;
      if (left <= 0) finish();
    };
    const limit = setTimeout(finish, DISCARD_MS);
    const idle = setTimeout(finish, DISCARD_IDLE_MS);
    request.on('data', count).on('end', finish).on('close', finish);
    request.resume();
  });
}
