import type { Clock } from '../core/time/clock.js';
import { startTimer } from './timers.js';

// Milliseconds since the machine started would soon not be small any more.
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
