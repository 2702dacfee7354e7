import { HttpException, HttpStatus } from '@nestjs/common';

/**
 * Requests inside a volume had to be aborted because the volume leaves and could
 * not wait any longer. A request that throws it is answered with 503 and
 * Retry-After.
 */
export class DrainAbortedError extends HttpException {
  readonly code = 'TRANSITIONS_DRAIN_ABORTED';
  readonly retryable = true;

  constructor(
    readonly volumeName: string,
    readonly inside: number,
    waitedMs: number,
  ) {
    const message = `Volume ${volumeName} is taken away: ${inside} inside had not left after ${Math.round(waitedMs)} ms`;
    super({ error: 'draining', message }, HttpStatus.SERVICE_UNAVAILABLE);
  }
}
