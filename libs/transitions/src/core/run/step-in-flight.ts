import type { BlockRun } from './block-run.js';
import { CallbackTimeoutError } from '../model/errors.js';
import { StepContext, type RunContext } from './step-context.js';
import type { Watchdog, WatchedStep } from './watchdog.js';

/** How an overdue callback settled in the end. */
export type Settlement =
  | { readonly kind: 'returned' }
  | { readonly kind: 'threw'; readonly thrown: unknown };

/**
 * A step whose callback runs, and maybe returns a promise, until that settles or
 * its time is up. One that settled in time is begun anew for another target:
 * with a million of them, what is not made need not be cleared away.
 */
export class StepInFlight implements WatchedStep {
  index = 0;
  isWatched = false;
  isFresh = false;
  startedAt: number | undefined;
  before: WatchedStep | undefined;
  after: WatchedStep | undefined;
  /** The next one that is spare, where this one is: its block's own affair. */
  nextSpare: StepInFlight | undefined;
  deadline = 0;
  warned = false;
  private context: StepContext;
  private late: ((settlement: Settlement) => void) | undefined;

  constructor(
    private readonly block: BlockRun,
    private readonly watchdog: Watchdog,
    private readonly run: RunContext,
  ) {
    this.context = new StepContext(run, this);
  }

  /** The context for its next callback: of no other that may still know it by its signal. */
  untouchedContext(): StepContext {
    if (!this.context.untouched) this.context = new StepContext(this.run, this);
    return this.context;
  }

  /** The callback has returned a promise, which settles in time or late. */
  await(promise: Promise<unknown>): void {
    this.watchdog.watch(this);
    promise.then(this.returned, this.threw);
  }

  get limitMs(): number {
    return this.block.limitMs;
  }

  /** Milliseconds until its time is up. */
  get timeLeft(): number {
    return this.late === undefined ? this.watchdog.timeLeft(this) : 0;
  }

  abort(cause: Error): void {
    this.context.abort(cause);
  }

  slow(elapsedMs: number): void {
    this.block.slow(this.index, elapsedMs);
  }

  expire(elapsedMs: number): void {
    const error = new CallbackTimeoutError(
      this.block.stepAt(this.index),
      this.block.participant.order,
      elapsedMs,
    );
    const settled = new Promise<Settlement>((resolve) => {
      this.late = resolve;
    });
    this.context.abort(error);
    this.block.overdue(this.index, error, settled);
  }

  private readonly returned = (): void => {
    if (this.late !== undefined) return this.late({ kind: 'returned' });
    this.watchdog.unwatch(this);
    this.block.settled(this, undefined);
  };

  private readonly threw = (thrown: unknown): void => {
    if (this.late !== undefined) return this.late({ kind: 'threw', thrown });
    this.watchdog.unwatch(this);
    const elapsedMs = this.watchdog.elapsed(this);
    const error = this.block.errorOf(this.index, thrown, elapsedMs);
    this.block.settled(this, error);
  };
}
