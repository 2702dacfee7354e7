import type { TransitionContext } from '../core/model/callbacks.js';
import { PreemptedByDownError } from '../core/model/errors.js';
import { systemClock } from '../ports/system-clock.js';
import type { VolumeEntrance } from './volume-entrance.js';

// What those whose signal was aborted get to leave, at most.
const longestGraceMs = 1_000;
// What is kept back, at most, so that a late timer does not make the callback overdue.
const longestReserveMs = 500;

/** How long a drain waits, in milliseconds. */
export interface DrainTimes {
  /** For those inside to leave by themselves. */
  readonly patienceMs: number;
  /** For those it has aborted. */
  readonly graceMs: number;
}

/** What a drain may wait of the time that its callback has left; both fit into it. */
export function drainTimes(timeLeft: number, drainTimeout: number): DrainTimes {
  const graceMs = Math.min(longestGraceMs, timeLeft / 4);
  const reserveMs = Math.min(longestReserveMs, timeLeft / 5);
  const patienceMs = Math.min(drainTimeout, timeLeft - graceMs - reserveMs);
  return { patienceMs, graceMs };
}

/**
 * Waits until those inside a volume have left it. After `drainTimeout`, or as
 * early as the callback's own time demands, `abort` is called and they get a
 * grace; whoever is inside then is not waited for.
 *
 * @throws PreemptedByDownError where a Down takes over, which asks again.
 */
export async function seeOut(
  entrance: VolumeEntrance,
  { signal, timeLeft }: Pick<TransitionContext, 'signal' | 'timeLeft'>,
  drainTimeout: number,
  abort: (waitedMs: number) => void,
): Promise<void> {
  const { patienceMs, graceMs } = drainTimes(timeLeft, drainTimeout);
  const patienceEnds = systemClock.now() + patienceMs;
  await emptyBy(entrance, patienceEnds, signal);
  if (entrance.inside === 0) return;
  if (isPreempted(signal)) throw signal.reason;
  abort(patienceMs);
  // They are told; whoever heeds it is gone before others close the volume.
  // Where the process was late, that is no reason to be even later.
  await emptyBy(entrance, patienceEnds + graceMs);
}

function isPreempted({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof PreemptedByDownError;
}

/** Waits until nobody is inside, but not longer than to a moment on the clock, and not after an abort. */
async function emptyBy(
  entrance: VolumeEntrance,
  moment: number,
  signal?: AbortSignal,
): Promise<void> {
  const timeoutMs = moment - systemClock.now();
  if (signal?.aborted === true || timeoutMs <= 0) return;
  let stop = (): void => {};
  const patience = new Promise<void>((resolve) => {
    const giveUp = (): void => resolve();
    const cancel = systemClock.startTimer(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    stop = () => {
      cancel();
      signal?.removeEventListener('abort', giveUp);
    };
  });
  await Promise.race([entrance.empty(), patience]);
  stop();
}
