import type { Clock } from '../time/clock.js';
import { Slice } from '../time/slices.js';

/** A step that has not settled yet. */
export interface WatchedStep {
  /** The index of its target in the block. */
  readonly index: number;
  /**
   * How many milliseconds it may take; read at the end of the turn in which it
   * began.
   */
  readonly limitMs: number;
  /**
   * When it began, by the clock. Undefined during the turn in which it began;
   * then noted.
   */
  startedAt: number | undefined;
  // The next four belong to the watchdog.
  /** It is in flight. */
  isWatched: boolean;
  /** It began in this turn, and may have settled in it too. */
  isFresh: boolean;
  /** By the clock. */
  deadline: number;
  warned: boolean;
  /** Aborts its signal. */
  abort(cause: Error): void;
  /** It is slow. Called at most once. */
  slow(elapsedMs: number): void;
  /** Its time is up. It is no longer watched. */
  expire(elapsedMs: number): void;
}

/** Why steps should stop, and when their time is up, by the clock. */
interface Stop {
  readonly cause: Error;
  readonly by: number;
}

/**
 * Watches the steps in flight with a single timer, set for the earliest moment
 * at which any of them may need attention. So a step costs no timer of its own.
 * The time of a step begins to count at the end of the turn of the event loop
 * in which it began: its start is noted then. So a step that settles within
 * that turn does not even cost a look at the clock.
 */
export class Watchdog {
  /** The steps whose start has been noted, in the order in which they began. */
  private readonly noted = new Set<WatchedStep>();
  private cancelTimer: (() => void) | undefined;
  private wakeAt = Infinity;
  /**
   * The steps that began in this turn. One that settles may begin again; it is
   * here once.
   */
  private readonly fresh: WatchedStep[] = [];
  /** Undefined while steps do not have to stop. */
  private stopped: Stop | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly slowAfter: number,
  ) {}

  /**
   * Milliseconds since a step began; undefined in the turn in which it began.
   */
  elapsed({ startedAt }: WatchedStep): number | undefined {
    return startedAt === undefined ? undefined : this.clock.now() - startedAt;
  }

  /**
   * Milliseconds until the time of a step is up. It is in flight, or its
   * callback is being called.
   */
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

  /** Whether steps have to stop; see {@link stop}. */
  get isStopped(): boolean {
    return this.stopped !== undefined;
  }

  watch(step: WatchedStep): void {
    step.isWatched = true;
    // A fresh step is in the list already, and its fields are as they were set.
    if (!step.isFresh) this.addFresh(step);
    // Everything was stopped while its callback was being called.
    if (this.stopped !== undefined) this.hurry(step, this.stopped);
  }

  unwatch(step: WatchedStep): void {
    step.isWatched = false;
    if (step.startedAt !== undefined) this.noted.delete(step);
  }

  /**
   * Tells all steps in flight to stop. They have so many milliseconds left, and
   * so has one whose callback is just being called.
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
    const slice = new Slice(this.clock);
    for (const step of this.inFlight) {
      const elapsed = now - (step.startedAt ?? now);
      if (now >= step.deadline) {
        this.unwatch(step);
        step.expire(elapsed);
        slice.look();
        // Many may be up at the same time: others have their turn in between.
        if (slice.isOver) return this.wakeBy(now);
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
