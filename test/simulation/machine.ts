import type { Clock } from 'nestjs-transitions/core';
import type { Action, Place, Timeline } from './timeline.js';

/**
 * What a peer runs on: its clocks, which may be wrong, and whether it runs at
 * all. A process that is stopped (SIGSTOP) does nothing while its clocks go on;
 * while the machine sleeps, its monotonic clock stands still too.
 */
export class Machine implements Place, Clock {
  incarnation = 0;
  stoppedUntil = 0;
  private monotonicAt = 0;
  private since = 0;
  private slept = 0;
  private wallSteps = 0;

  constructor(
    private readonly timeline: Timeline,
    readonly name: string,
    /** How fast its clocks go. */
    readonly rate: number,
    /** How fast its wall clock goes, by its monotonic one. */
    private readonly wallRate: number,
  ) {}

  now(): number {
    const awake = Math.max(0, this.timeline.now - this.since);
    return this.monotonicAt + awake * this.rate;
  }

  tick(): number {
    return Math.floor(this.now());
  }

  readonly wall = (): number =>
    1e12 + this.now() * this.wallRate + this.slept + this.wallSteps;

  get isStopped(): boolean {
    return this.stoppedUntil > this.timeline.now;
  }

  startTimer(callback: Action, milliseconds: number): () => void {
    const due = this.now() + Math.max(0, milliseconds);
    let cancel = (): void => {};
    const fire: Action = () => {
      if (this.now() >= due - 1e-6) return callback();
      // The machine has slept meanwhile.
      arm();
      return 'quiet';
    };
    const arm = (): void => {
      const left = Math.max(0, due - this.now()) / this.rate;
      cancel = this.timeline.after(left, fire, this);
    };
    arm();
    return () => cancel();
  }

  yieldTo(callback: () => void): void {
    this.timeline.after(0, callback, this);
  }

  /** SIGSTOP, and SIGCONT after a while. */
  stop(milliseconds: number): void {
    const until = this.timeline.now + milliseconds;
    this.stoppedUntil = Math.max(this.stoppedUntil, until);
  }

  /** The machine is put to sleep for a while. */
  sleep(milliseconds: number): void {
    this.stop(milliseconds);
    this.monotonicAt = this.now();
    const from = Math.max(this.since, this.timeline.now);
    this.since = Math.max(from, this.timeline.now + milliseconds);
    this.slept += (this.since - from) * this.rate;
  }

  /** The wall clock is set. */
  stepWall(milliseconds: number): void {
    this.wallSteps += milliseconds;
  }

  /** It runs again. */
  wakeUp(): void {
    if (this.since > this.timeline.now) {
      this.slept -= (this.since - this.timeline.now) * this.rate;
      this.since = this.timeline.now;
    }
    this.stoppedUntil = this.timeline.now;
  }

  /** kill -9: nothing of the process runs any more. */
  kill(): void {
    this.incarnation++;
  }
}
