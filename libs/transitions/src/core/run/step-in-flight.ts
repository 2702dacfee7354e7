import { CallbackTimeoutError, type CallbackError } from '../model/errors.js';
import type { Participant } from '../model/participant.js';
import type { Step, Target } from '../model/step.js';
import { StepContext, type RunContext } from './step-context.js';
import type { Settlement } from './unknown-step.js';
import type { Watchdog, WatchedStep } from './watchdog.js';

/**
 * What a step in flight tells the block to which it belongs, and asks of it.
 */
export interface StepOwner {
  readonly participant: Participant;
  /** How many milliseconds a callback that is called now may take. */
  readonly limitMs: number;
  stepAt(index: number): Step;
  targetAt(index: number): Target;
  errorOf(
    index: number,
    thrown: unknown,
    elapsedMs: number | undefined,
  ): CallbackError;
  /** The step takes long. */
  slow(index: number, elapsedMs: number): void;
  /** The callback has returned a note for whoever serves the volume next. */
  noted(index: number, note: string): void;
  /** The step has returned or thrown. */
  settled(step: StepInFlight, error: CallbackError | undefined): void;
  /** The time of the step is up. `settled` settles when its callback does. */
  expired(
    index: number,
    error: CallbackError,
    settled: Promise<Settlement>,
  ): void;
}

/**
 * A step whose callback runs, until its promise settles or its time is up. The
 * object is used again for the next target, which saves a million allocations.
 */
export class StepInFlight implements WatchedStep {
  index = 0;
  isWatched = false;
  isFresh = false;
  startedAt: number | undefined;
  deadline = 0;
  warned = false;
  private context: StepContext;
  private late: ((settlement: Settlement) => void) | undefined;

  constructor(
    private readonly block: StepOwner,
    private readonly watchdog: Watchdog,
    run: RunContext,
  ) {
    this.context = new StepContext(run, this);
  }

  /**
   * The context for its next callback. A new one if somebody may hold on to the
   * last signal, or the run is told to be another one.
   */
  untouchedContext(run: RunContext): StepContext {
    if (!this.context.isUntouchedIn(run))
      this.context = new StepContext(run, this);
    return this.context;
  }

  /** The callback has returned a promise, which may settle in time or late. */
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

  get target(): Target {
    return this.block.targetAt(this.index);
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
    this.block.expired(this.index, error, settled);
  }

  private readonly returned = (value: unknown): void => {
    if (typeof value === 'string') this.block.noted(this.index, value);
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
