import type { Clock } from '../core/time/clock.js';

// Longer timers would fire at once (Node's limit is 2^31 - 1 milliseconds).
const longestTimer = 2 ** 31 - 1;

// Milliseconds since the machine started would soon not be small any more.
const [startSeconds] = process.hrtime();

/** The process's own monotonic clock. */
export const systemClock: Clock = {
  now,
  tick: () => Math.floor(now()),
  startTimer: (callback, milliseconds) => {
    const timer = setTimeout(callback, Math.min(milliseconds, longestTimer));
    return () => clearTimeout(timer);
  },
  yieldTo: (callback) => {
    setImmediate(callback);
  },
};

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds - startSeconds) * 1000 + nanoseconds / 1e6;
}
