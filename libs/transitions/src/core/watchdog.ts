import type { Clock } from './clock.js';

/** A step that has not settled yet. */
export interface WatchedStep {
  /** Of its target in the block. */
  readonly index: number;
  readonly startedAt: number;
  /** Its place among those that are watched: the watchdog's own affair. */
  place: number;
  /** On the clock. */
  deadline: number;
  warned: boolean;
  /** Aborts its signal. */
  abort(cause: Error): void;
  /** It is slow; called once at most. */
  slow(elapsedMs: number): void;
  /** Its time is up; it is no longer watched. */
  expire(elapsedMs: number): void;
}

/**
 * Watches the steps in flight with a single timer, which is armed for the
 * earliest moment at which any of them can need attention: a step that settles
 * soon costs no timer of its own.
 */
export class Watchdog {
  // No Set: with one step at a time, its deletions would cost more than the rest.
  private readonly steps: WatchedStep[] = [];
  private cancelTimer: (() => void) | undefined;
  private wakeAt = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly slowAfter: number,
  ) {}

  now(): number {
    return this.clock.now();
  }

  /** In the order in which they began. */
  get inFlight(): WatchedStep[] {
    return this.steps.toSorted((a, b) => a.startedAt - b.startedAt);
  }

  watch(step: WatchedStep): void {
    step.place = this.steps.length;
    this.steps.push(step);
    this.wakeBy(this.nextMoment(step));
  }

  unwatch(step: WatchedStep): void {
    const last = this.steps.pop()!;
    if (last === step) return;
    this.steps[step.place] = last;
    last.place = step.place;
  }

  /** All steps in flight are to stop, and have so many milliseconds left for it. */
  stop(cause: Error, graceMs: number): void {
    const latest = this.clock.now() + graceMs;
    for (const step of this.inFlight) {
      step.abort(cause);
      step.deadline = Math.min(step.deadline, latest);
      this.wakeBy(step.deadline);
    }
  }

  close(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.wakeAt = Infinity;
  }

  private nextMoment(step: WatchedStep): number {
    if (step.warned) return step.deadline;
    return Math.min(step.deadline, step.startedAt + this.slowAfter);
  }

  private wakeBy(moment: number): void {
    if (moment >= this.wakeAt) return;
    this.cancelTimer?.();
    this.wakeAt = moment;
    this.cancelTimer = this.clock.startTimer(
      () => this.look(),
      Math.max(0, Math.ceil(moment - this.clock.now())),
    );
  }

  private look(): void {
    this.cancelTimer = undefined;
    this.wakeAt = Infinity;
    const now = this.clock.now();
    for (const step of this.inFlight) {
      const elapsed = now - step.startedAt;
      if (now >= step.deadline) {
        this.unwatch(step);
        step.expire(elapsed);
        continue;
      }
      if (!step.warned && elapsed >= this.slowAfter) {
        step.warned = true;
        step.slow(elapsed);
      }
    }
    for (const step of this.steps) this.wakeBy(this.nextMoment(step));
  }
}
