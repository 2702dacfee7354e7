import type { BlockedTargets } from './blocked-targets.js';
import { takesAway } from '../model/callback-table.js';
import { LeaseLostError } from '../leases/lease-lost.error.js';
import type { CallbackName } from '../model/callbacks.js';
import { CallbackError } from '../model/errors.js';
import type { Follower } from './follower.js';
import { BlockCalls } from './block-calls.js';
import type { BlockRecord } from './block-record.js';
import type { Participant } from '../model/participant.js';
import type { Target } from '../model/step.js';
import type { RunControl, StepObserver } from './run-control.js';
import { StepInFlight, type StepOwner } from './step-in-flight.js';
import type { Settlement } from './unknown-step.js';
import type { Step } from '../model/step.js';

/**
 * Runs one block of a plan: one callback of one participant, for its targets in
 * order, up to the participant's concurrency at a time.
 *
 * `pump` begins steps until the concurrency is reached, there are no more
 * targets, the run is halted, or the process should do other work. `beginSome`
 * is the hot loop inside it, as there may be a million targets: a step that
 * returns at once costs neither a promise nor a timer. A step that returns a
 * promise stays in flight. It calls `settled` when the promise settles, or
 * `expired` when its time is up, and the block goes on from there.
 */
export class BlockRun implements StepOwner {
  private inFlight = 0;
  /** The block waits for another turn of the process before the next step. */
  private yielding = false;
  /** The index of the step before which the clock is read next. */
  private nextLook = 0;
  /** A step object that can be used again. */
  private spare: StepInFlight | undefined;
  private readonly calls: BlockCalls;
  private readonly callback: CallbackName;
  private readonly targets: readonly Target[];
  private readonly blocked: BlockedTargets;
  private readonly observer: StepObserver | undefined;
  private ended: () => void = () => {};

  constructor(
    private readonly control: RunControl,
    private readonly record: BlockRecord,
    readonly participant: Participant,
    private readonly follower?: Follower,
  ) {
    const { callback, targets } = record.block;
    const { blocked, observer } = control.options;
    this.callback = callback;
    this.targets = targets;
    this.blocked = blocked;
    this.observer = observer;
    this.calls = new BlockCalls(participant, record, control.options.context);
  }

  /**
   * Resolves when no step of the block runs any more, except for unknown ones.
   */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.ended = resolve;
      this.pump();
    });
  }

  /** A step that was in flight has returned, or thrown. */
  settled(step: StepInFlight, error: CallbackError | undefined): void {
    this.end(step.index, error);
    // What took more than one turn may have taken long.
    if (step.startedAt !== undefined) this.nextLook = 0;
    // In most cases it goes straight on with the same object.
    if (this.beginSome(step)) return;
    this.inFlight--;
    this.spare = step;
    this.pump();
  }

  /**
   * The time of a step in flight is up; `settled` says how it ends all the
   * same.
   */
  expired(
    index: number,
    error: CallbackError,
    settled: Promise<Settlement>,
  ): void {
    const { participant } = this.record.block;
    const callback = this.record.callbackAt(index);
    const target = this.targetAt(index);
    this.inFlight--;
    this.control.failed(this.record, index, error, 'unknown');
    this.control.options.onUnknown({
      participant,
      callback,
      target,
      isLost: this.calls.isLost(target),
      error,
      startedAt: this.control.options.clock.now() - (error.elapsedMs ?? 0),
      settled,
    });
    this.observeEnd(index, error);
    this.follower?.follow(index, false);
    this.control.checkDeadline();
    this.pump();
  }

  /** A step in flight takes long. */
  slow(index: number, elapsedMs: number): void {
    this.control.options.onSlow(this.stepAt(index), elapsedMs);
  }

  /** How many milliseconds a callback that is called now may take. */
  get limitMs(): number {
    return this.control.options.timeLimit(this.participant);
  }

  noted(index: number, note: string): void {
    const target = this.targetAt(index);
    if (target === null || this.record.callbackAt(index) !== 'unserveVolume')
      return;
    this.control.options.onNote?.(target.name, note);
  }

  stepAt(index: number): Step {
    return this.record.stepAt(index, this.participant);
  }

  private pump(): void {
    while (this.mayBegin()) {
      if (this.record.started >= this.nextLook) {
        if (this.control.checkSlice()) {
          this.yieldTurn();
          return;
        }
        this.nextLook = this.record.started + this.control.stepsBetweenLooks;
        this.calls.lookAgain();
      }
      const step = this.takeSpare();
      if (this.beginSome(step)) this.inFlight++;
      else this.spare = step;
    }
    if (this.inFlight > 0 || this.yielding) return;
    if (this.isPaused()) this.awaitPause();
    else this.ended();
  }

  private takeSpare(): StepInFlight {
    const { watchdog, options } = this.control;
    const step =
      this.spare ?? new StepInFlight(this, watchdog, options.context);
    this.spare = undefined;
    return step;
  }

  private yieldTurn(): void {
    this.yielding = true;
    this.control.yieldTurn(() => {
      this.yielding = false;
      this.pump();
    });
  }

  private mayBegin(): boolean {
    return (
      !this.yielding &&
      this.inFlight < this.participant.concurrency &&
      this.record.started < this.targets.length &&
      this.control.mayBegin
    );
  }

  /** Whether nothing but a pause keeps the next step from beginning. */
  private isPaused(): boolean {
    const { control, record, targets } = this;
    return (
      !control.isHalted && !control.mayBegin && record.started < targets.length
    );
  }

  private awaitPause(): void {
    this.yielding = true;
    void this.control.options.pause.over().then(() => {
      this.yielding = false;
      this.nextLook = 0;
      this.pump();
    });
  }

  /**
   * Begins steps until one of them is in flight (returns true) or until the
   * next look at the clock (returns false). This is the loop that must be
   * quick. While the block waits for another turn, a look is due, so no step
   * begins.
   */
  private beginSome(step: StepInFlight): boolean {
    const { record, control } = this;
    const end = Math.min(this.nextLook, this.targets.length);
    while (record.started < end && control.mayBegin) {
      // Counted only after its synchronous part, so that a snapshot that is
      // taken inside the callback is not ahead of it.
      const isInFlight = this.begin(record.started, step);
      record.started++;
      if (isInFlight) return true;
    }
    return false;
  }

  /** Begins one step. Returns whether it is in flight now. */
  private begin(index: number, step: StepInFlight): boolean {
    const target = this.targets[index]!;
    if (this.calls.isOutOfReach(target)) return this.pass(index, 'absent');
    if (!this.blocked.isEmpty && this.isBlocked(target))
      return this.pass(index, 'skipped');
    const call = this.calls.next(index, target);
    if (call === undefined) return false;
    const { callback, invoke, run } = call;
    this.observer?.stepStarted(callback, this.participant, target);
    step.index = index;
    try {
      const result = invoke(target, step.untouchedContext(run));
      if (result !== undefined) {
        if (isThenable(result)) {
          // A foreign thenable may call back twice, or throw; a promise does not.
          step.await(Promise.resolve(result));
          return true;
        }
        if (typeof result === 'string') this.noted(index, result);
      }
    } catch (thrown) {
      this.end(index, this.errorOf(index, thrown, undefined));
      return false;
    }
    this.end(index, undefined);
    return false;
  }

  private pass(index: number, kind: 'absent' | 'skipped'): false {
    this.control.passOver(this.record, index, { kind });
    this.follower?.follow(index, false);
    return false;
  }

  private isBlocked(target: Target): boolean {
    const { participant } = this.record.block;
    // Whatever others could not do, what is no call is taken away, unless
    // keepingWhatIsLeft has blocked this step.
    return !this.record.called && takesAway(this.callback)
      ? this.blocked.hasOwn(participant, this.callback, target)
      : this.blocked.has(participant, this.callback, target);
  }

  private end(index: number, error: CallbackError | undefined): void {
    if (error !== undefined) {
      const { control, record } = this;
      // Who finds that a volume is lost has not failed.
      if (this.isLostBy(error, index))
        control.passOver(record, index, { kind: 'lost', error });
      else control.failed(record, index, error, 'failed');
    }
    if (this.observer !== undefined) this.observeEnd(index, error);
    this.follower?.follow(index, error === undefined);
  }

  /** Whether that is what a serveVolume has thrown, and it is so. */
  private isLostBy({ cause }: CallbackError, index: number): boolean {
    return (
      cause instanceof LeaseLostError &&
      this.calls.isOutOfReach(this.targetAt(index))
    );
  }

  private observeEnd(index: number, error: CallbackError | undefined): void {
    const callback = this.record.callbackAt(index);
    const target = this.targetAt(index);
    this.observer?.stepEnded(callback, this.participant, target, error);
  }

  errorOf(
    index: number,
    thrown: unknown,
    elapsedMs: number | undefined,
  ): CallbackError {
    const { order } = this.participant;
    return new CallbackError(this.stepAt(index), order, elapsedMs, thrown);
  }

  targetAt(index: number): Target {
    return this.targets[index]!;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) ||
      typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
