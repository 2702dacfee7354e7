import type { Clock } from '../core/time/clock.js';

/** Time passes when it is told to, and turns are counted. */
export class SteppedClock implements Clock {
  time = 0;
  turns = 0;

  now(): number {
    return this.time;
  }

  tick(): number {
    return this.time;
  }

  startTimer(): () => void {
    return () => {};
  }

  yieldTo(callback: () => void): void {
    this.turns++;
    queueMicrotask(callback);
  }
}
