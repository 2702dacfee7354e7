import type { Clock } from '../core/time/clock.js';
import { startTimer } from './timers.js';

// Counted from here, because milliseconds since the start of the machine would
// soon be too large for the small integers of `tick`.
const [startSeconds] = process.hrtime();

/** The process's own monotonic clock. */
export const systemClock: Clock = {
  now,
  tick: () => Math.floor(now()),
  startTimer,
  yieldTo: (callback) => {
    setImmediate(callback);
  },
};

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds - startSeconds) * 1000 + nanoseconds / 1e6;
}
