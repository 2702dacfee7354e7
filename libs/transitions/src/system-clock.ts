import { performance } from 'node:perf_hooks';
import type { Clock } from './core/clock.js';

// Longer timers would fire at once (Node's limit is 2^31 - 1 milliseconds).
const longestTimer = 2 ** 31 - 1;

/** The process's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  startTimer: (callback, milliseconds) => {
    const timer = setTimeout(callback, Math.min(milliseconds, longestTimer));
    return () => clearTimeout(timer);
  },
  yieldTo: (callback) => {
    setImmediate(callback);
  },
};
