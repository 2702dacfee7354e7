import type { Clock } from '../core/time/clock.js';
import { systemClock } from '../ports/system-clock.js';

/** The clock that vitest fakes, where a turn of the process takes no time. */
export const timelessTurns: Clock = {
  ...systemClock,
  yieldTo: queueMicrotask,
};
