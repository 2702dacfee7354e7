import type { BackoffLimits } from '../time/backoff.js';
import type { Clock } from '../time/clock.js';
import { LeaseStoreError } from './serving-leases.js';

/** So many volumes are claimed, or released, in one call. */
export const volumesInCall = 480;

/** How long the store is left alone after calls of one kind that failed. */
export const betweenFailures: BackoffLimits = { initial: 200, max: 2_000 };

/** How long a call may take, and what ends it sooner. */
export interface CallLimit {
  readonly clock: Clock;
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Asks the store, for at most so long, whatever it does with its signal. What
 * it answers later is ignored.
 *
 * @throws LeaseStoreError when the time is up; the signal's reason; or what the
 * call throws.
 */
export async function callWithin<T>(
  { clock, milliseconds, signal }: CallLimit,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  let stop!: (reason: unknown) => void;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = (reason) => {
      // First, since what the call throws when its signal aborts says less.
      reject(reason);
      controller.abort(reason);
    };
  });
  const abort = (): void => stop(signal.reason);
  const cancelTimer = clock.startTimer(() => {
    stop(
      new LeaseStoreError(
        `The lease store did not answer within ${Math.round(milliseconds)} ms`,
      ),
    );
  }, milliseconds);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([stopped, call(controller.signal)]);
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', abort);
  }
}

/** Waits. Returns early when the signal aborts. */
export function pause({
  clock,
  milliseconds,
  signal,
}: CallLimit): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.startTimer(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
