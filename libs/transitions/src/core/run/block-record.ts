import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError } from '../model/errors.js';
import type { Participant } from '../model/participant.js';
import { stepOf, type Step, type Target } from '../model/step.js';
import type { PlanBlock } from '../plan/plan.js';

/** What happened to a step that did not simply return. */
export type StepException =
  | { readonly kind: 'failed' | 'unknown'; readonly error: CallbackError }
  | PassedOver;

/**
 * A step that is to be done later. `skipped`: what it builds on failed, or is
 * unknown. `absent`: its volume is not ours. `lost`: it was called, and found that.
 */
export type PassedOver =
  | { readonly kind: 'skipped' | 'absent' }
  | { readonly kind: 'lost'; readonly error: CallbackError };

/** A step that failed or ran out of time. */
export interface FailedStep {
  readonly participant: number;
  readonly callback: CallbackName;
  readonly target: Target;
  readonly kind: 'failed' | 'unknown';
  readonly error: CallbackError;
}

/**
 * How far a block has come. A step that returned needs no record: its turn has
 * come, and there is no exception. So a million of them cost nothing.
 */
export class BlockRecord {
  /** The number of targets whose turn has come. */
  started = 0;
  durationMs = 0;
  private exceptions = new Map<number, StepException>();
  /** The steps that called another callback than that of the block. */
  private calledInstead = new Map<number, CallbackName>();

  constructor(
    public block: PlanBlock,
    /** False if the participant lacks the callback: no step calls that. */
    readonly called: boolean,
  ) {}

  /** Takes targets out of a block that has not begun. */
  leaveOut(targets: readonly Target[]): void {
    this.block = { ...this.block, targets };
  }

  /** How far it has come by now, whatever happens later. */
  copy(): BlockRecord {
    const copy = new BlockRecord(this.block, this.called);
    copy.started = this.started;
    copy.exceptions = new Map(this.exceptions);
    copy.calledInstead = new Map(this.calledInstead);
    return copy;
  }

  /** Whether every step of the block returned. */
  get complete(): boolean {
    return (
      this.started === this.block.targets.length && this.exceptions.size === 0
    );
  }

  /** Whether the same is done of the same targets at another participant. */
  isAsFarAs(other: BlockRecord): boolean {
    if (
      this.block.callback !== other.block.callback ||
      this.block.targets !== other.block.targets ||
      this.started !== other.started ||
      this.exceptions.size !== other.exceptions.size
    ) {
      return false;
    }
    for (const index of this.exceptions.keys()) {
      if (!other.exceptions.has(index)) return false;
    }
    return true;
  }

  /** How many steps returned; those in flight are counted too. */
  get done(): number {
    return Math.max(0, this.started - this.exceptions.size);
  }

  /** How many calls were made. */
  get calls(): number {
    if (!this.called) return this.calledInstead.size;
    let notCalled = 0;
    for (const exception of this.exceptions.values()) {
      if (!isOfCall(exception)) notCalled++;
    }
    return this.started - notCalled;
  }

  note(index: number, exception: StepException): void {
    this.exceptions.set(index, exception);
  }

  /**
   * A step calls another callback, which does the same: it may be one of a
   * participant that lacks that of the block.
   */
  callInstead(index: number, callback: CallbackName): void {
    if (callback !== this.block.callback)
      this.calledInstead.set(index, callback);
  }

  /** Whether a step is a call. */
  isCall(index: number): boolean {
    return this.called || this.calledInstead.has(index);
  }

  /** Which callback a step has called, or is to call. */
  callbackAt(index: number): CallbackName {
    return this.calledInstead.get(index) ?? this.block.callback;
  }

  /** A step, with what it has called, or is to call. */
  stepAt(index: number, participant: Participant): Step {
    const target = this.block.targets[index]!;
    return stepOf(this.callbackAt(index), participant, target);
  }

  /** Undefined for a step that is done. */
  exceptionAt(index: number): StepException | undefined {
    return this.exceptions.get(index);
  }

  *doneTargets(inFlight?: ReadonlySet<number>): Generator<Target> {
    for (let index = 0; index < this.started; index++) {
      if (this.exceptions.has(index) || inFlight?.has(index)) continue;
      yield this.block.targets[index]!;
    }
  }

  /** The targets whose step has not returned, in flight or not begun included. */
  *undoneTargets(inFlight?: ReadonlySet<number>): Generator<Target> {
    const { targets } = this.block;
    for (const index of this.exceptions.keys()) {
      if (index < this.started) yield targets[index]!;
    }
    for (const index of inFlight ?? []) {
      if (!this.exceptions.has(index)) yield targets[index]!;
    }
    for (let index = this.started; index < targets.length; index++) {
      yield targets[index]!;
    }
  }

  /** Whether its first call was made, however it ended. */
  get wasCalled(): boolean {
    return this.started > 0 && isOfCall(this.exceptions.get(0));
  }

  /** The targets that were blocked, or whose turn did not come. */
  *untriedTargets(): Generator<Target> {
    const { targets } = this.block;
    for (const [index, { kind }] of this.exceptions) {
      if (kind === 'skipped' && index < this.started) yield targets[index]!;
    }
    for (let index = this.started; index < targets.length; index++) {
      yield targets[index]!;
    }
  }

  /** Adds the names of the targets for which a call was made. */
  addCalled(names: Set<string>): void {
    const { targets } = this.block;
    for (let index = 0; index < this.started; index++) {
      if (!isOfCall(this.exceptions.get(index))) continue;
      const target = targets[index]!;
      if (target !== null) names.add(target.name);
    }
  }

  *failedSteps(): Generator<FailedStep> {
    const { participant, callback, targets } = this.block;
    for (const [index, exception] of this.exceptions) {
      const { kind } = exception;
      if (kind !== 'failed' && kind !== 'unknown') continue;
      yield { participant, callback, target: targets[index]!, ...exception };
    }
  }
}

/** Whether a step was called that ended so: undefined where it returned. */
export function isOfCall(
  exception: StepException | undefined,
): exception is
  Exclude<StepException, { kind: 'skipped' | 'absent' }> | undefined {
  return exception === undefined || 'error' in exception;
}

/** The block that runs, and the indexes of its steps in flight. */
export interface RunningBlock {
  readonly record: BlockRecord;
  /** The block that keeps pace with it. */
  readonly follower?: BlockRecord | undefined;
  readonly inFlight: ReadonlySet<number>;
}
