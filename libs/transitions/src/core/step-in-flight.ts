import type { BlockRun } from './block-run.js';
import { CallbackTimeoutError } from './errors.js';
import type { StepContext } from './step-context.js';
import type { Watchdog, WatchedStep } from './watchdog.js';

/** How an overdue callback settled in the end. */
export type Settlement =
  | { readonly kind: 'returned' }
  | { readonly kind: 'threw'; readonly thrown: unknown };

/** A step whose callback returned a promise, until that settles or its time is up. */
export class StepInFlight implements WatchedStep {
  readonly startedAt: number;
  deadline: number;
  warned = false;
  private late: ((settlement: Settlement) => void) | undefined;

  constructor(
    private readonly block: BlockRun,
    private readonly watchdog: Watchdog,
    readonly index: number,
    private readonly context: StepContext,
    limitMs: number,
  ) {
    this.startedAt = watchdog.now();
    this.deadline = this.startedAt + limitMs;
    watchdog.watch(this);
  }

  /** Takes the promise's settlement, in time or late. */
  follow(promise: Promise<unknown>): void {
    promise.then(
      () => {
        if (this.late !== undefined) this.late({ kind: 'returned' });
        else this.end(undefined);
      },
      (thrown: unknown) => {
        if (this.late !== undefined) this.late({ kind: 'threw', thrown });
        else this.end({ thrown });
      },
    );
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

  private end(failure: { readonly thrown: unknown } | undefined): void {
    this.watchdog.unwatch(this);
    if (failure === undefined) {
      this.block.settled(this.index, undefined);
      return;
    }
    const elapsed = this.watchdog.now() - this.startedAt;
    this.block.settled(
      this.index,
      this.block.errorOf(this.index, failure.thrown, elapsed),
    );
  }
}
