import type { AbstractHttpAdapter } from '@nestjs/core';
import { DrainAbortedError } from '../drain-aborted.error.js';
import { VolumeNotServedError } from '../volume-not-served.error.js';

const retryAfterSeconds = 1;

/** Tells a client when to try again, where an error of the gate says that it may. */
export function announceRetry(
  thrown: unknown,
  response: unknown,
  adapter: AbstractHttpAdapter,
): void {
  const isOfGate =
    thrown instanceof VolumeNotServedError ||
    thrown instanceof DrainAbortedError;
  if (!isOfGate || !thrown.retryable || adapter.isHeadersSent(response)) return;
  adapter.setHeader(response, 'Retry-After', `${retryAfterSeconds}`);
}
