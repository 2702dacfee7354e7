import type { Request } from 'express';
import {
  type PutResult,
  UploadAbortedError,
  UploadTooLargeError,
  type VolumeDirectory,
  type VolumePath,
} from '../storage/index.js';
import type { Exchange } from './exchange.js';
import { announcedLength, inviteBody } from './request-body.js';
import { evaluatePreconditions } from './preconditions.js';
import { refusal } from './refusals.js';
import type { PreconditionCheck } from '../storage/index.js';

/**
 * Stores the body of a PUT. Everything that can be refused without the body is
 * refused before it is asked for.
 * @throws Refusal, StorageError, or the reason of the signal
 */
export async function storeUpload(
  exchange: Exchange,
  directory: VolumeDirectory,
  path: VolumePath,
  maxBytes: number,
): Promise<PutResult> {
  const { request, signal } = exchange;
  assertWholeContent(request);
  assertUnread(request);
  if ((announcedLength(request) ?? 0) > maxBytes) {
    throw new UploadTooLargeError(maxBytes);
  }
  const check = preconditionsOf(exchange);
  return directory.put(path, bodyOf(exchange), { maxBytes, check, signal });
}

/**
 * The conditional headers of a request as a check of what is stored, and that
 * the volume is still held.
 */
export function preconditionsOf(exchange: Exchange): PreconditionCheck {
  return (current) => {
    exchange.assertHeld();
    const { method, headers } = exchange.request;
    if (evaluatePreconditions(method, headers, current) === 'proceed') return;
    throw refusal(
      412,
      'precondition-failed',
      'what is stored is not what the request expects',
    );
  };
}

/**
 * The body, to its announced end; an error when the client stops before, and at
 * once when the signal aborts. Leaves the request open, so that it can be answered.
 */
async function* bodyOf({
  request,
  response,
  signal,
}: Exchange): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  inviteBody(request, response);
  const chunks = request.iterator({ destroyOnReturn: false });
  const aborted = rejectOnAbort(signal);
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), aborted.promise]);
      if (next.done === true) break;
      yield next.value as Uint8Array;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new UploadAbortedError('the upload ended early', { cause });
  } finally {
    aborted.release();
    // Not awaited: it may wait for a chunk. While it listens, nobody else can read the rest.
    void chunks.return?.();
  }
  // Node reports this by an error above; a file cut short must not depend on it.
  if (!request.complete) throw new UploadAbortedError('the upload ended early');
}

function rejectOnAbort(signal: AbortSignal): {
  promise: Promise<never>;
  release(): void;
} {
  let release = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    release = () => signal.removeEventListener('abort', abort);
  });
  // It may settle when nobody races it any more.
  promise.catch(() => {});
  return { promise, release };
}

/** RFC 9110, section 14.5: a part must not be stored as if it were the whole. */
function assertWholeContent(request: Request): void {
  if (request.headers['content-range'] !== undefined) {
    throw refusal(
      400,
      'partial-put',
      'PUT with Content-Range is not supported',
    );
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw refusal(
      415,
      'encoded-content',
      'content is stored as it is: send it without Content-Encoding',
    );
  }
}

/** A body parser in front would leave nothing to store, and an empty file would replace the old one. */
function assertUnread(request: Request): void {
  if (!request.readableDidRead) return;
  throw new Error(
    'the body of the upload was read before it arrived here: expected no body parser; ' +
      'create the application with { bodyParser: false }',
  );
}
