import type { Clock } from '../time/clock.js';

/** A step that has not settled yet. */
export interface WatchedStep {
  /** Of its target in the block. */
  readonly index: number;
  /** Milliseconds that it may take; asked for at the end of the turn in which it began. */
  readonly limitMs: number;
  /** On the clock, as the watchdog notes it; undefined in the turn of the process in which it began. */
  startedAt: number | undefined;
  // The next four are for the watchdog alone.
  /** It is in flight. */
  isWatched: boolean;
  /** It began in this turn, and maybe settled in it too. */
  isFresh: boolean;
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

/** Why steps are to stop, and at which moment on the clock their time is up. */
interface Stop {
  readonly cause: Error;
  readonly by: number;
}

/**
 * Watches the steps in flight with a single timer, which is armed for the
 * earliest moment at which any of them can need attention: a step that settles
 * soon costs no timer of its own. One that settles in the turn of the process
 * in which it began does not even cost a look at the clock, because its time
 * begins to count at the end of that turn, at which it is noted.
 */
export class Watchdog {
  /** The steps whose start was noted, in the order in which they began. */
  private readonly noted = new Set<WatchedStep>();
  private cancelTimer: (() => void) | undefined;
  private wakeAt = Infinity;
  /** Those that began in this turn. One that settles may begin anew, and is here once. */
  private readonly fresh: WatchedStep[] = [];
  /** Undefined while steps need not stop. */
  private stopped: Stop | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly slowAfter: number,
  ) {}

  /** Milliseconds since a step began; undefined in the turn in which it did. */
  elapsed({ startedAt }: WatchedStep): number | undefined {
    return startedAt === undefined ? undefined : this.clock.now() - startedAt;
  }

  /** Milliseconds until a step's time is up: one in flight, or one whose callback is being called. */
  timeLeft(step: WatchedStep): number {
    const now = this.clock.now();
    const isNoted = step.isWatched && step.startedAt !== undefined;
    const deadline = isNoted ? step.deadline : now + step.limitMs;
    const by = this.stopped?.by ?? Infinity;
    return Math.max(0, Math.min(deadline, by) - now);
  }

  /** In the order in which they began. */
  get inFlight(): WatchedStep[] {
    return [...this.noted, ...this.unnoted()];
  }

  /** Whether steps are to stop, see {@link stop}. */
  get isStopped(): boolean {
    return this.stopped !== undefined;
  }

  watch(step: WatchedStep): void {
    step.isWatched = true;
    // One that is fresh has not been touched since it began before.
    if (!step.isFresh) this.addFresh(step);
    // It was stopped from within its callback, before that returned.
    if (this.stopped !== undefined) this.hurry(step, this.stopped);
  }

  unwatch(step: WatchedStep): void {
    step.isWatched = false;
    if (step.startedAt !== undefined) this.noted.delete(step);
  }

  /**
   * All steps in flight are to stop, and have so many milliseconds left for it,
   * as has one whose callback is only just being called.
   */
  stop(cause: Error, graceMs: number): void {
    this.stopped = { cause, by: this.clock.now() + graceMs };
    for (const step of this.inFlight) this.hurry(step, this.stopped);
  }

  close(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.wakeAt = Infinity;
  }

  private hurry(step: WatchedStep, { cause, by }: Stop): void {
    step.abort(cause);
    step.deadline = Math.min(step.deadline, by);
    this.wakeBy(step.deadline);
  }

  private addFresh(step: WatchedStep): void {
    step.startedAt = undefined;
    step.deadline = Infinity;
    step.warned = false;
    step.isFresh = true;
    this.fresh.push(step);
    if (this.fresh.length === 1) this.clock.yieldTo(() => this.noteStarts());
  }

  private noteStarts(): void {
    const now = this.clock.now();
    for (const step of this.unnoted()) {
      this.noted.add(step);
      step.startedAt = now;
      step.deadline = Math.min(step.deadline, now + step.limitMs);
      this.wakeBy(this.nextMoment(step));
    }
    for (const step of this.fresh) step.isFresh = false;
    this.fresh.length = 0;
  }

  private unnoted(): WatchedStep[] {
    return this.fresh
      .filter((step) => step.isWatched && step.startedAt === undefined)
      .sort((a, b) => a.index - b.index);
  }

  private nextMoment({ startedAt, warned, deadline }: WatchedStep): number {
    if (warned || startedAt === undefined) return deadline;
    return Math.min(deadline, startedAt + this.slowAfter);
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
      const elapsed = now - (step.startedAt ?? now);
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
    for (const step of this.inFlight) this.wakeBy(this.nextMoment(step));
  }
}
