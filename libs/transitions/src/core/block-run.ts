import { CallbackError } from './errors.js';
import type { Execution } from './execution.js';
import { bindCallback, type Invocation } from './invoke.js';
import type { BlockRecord } from './journal.js';
import type { Participant } from './participant.js';
import type { Target } from './plan.js';
import { StepContext } from './step-context.js';
import { StepInFlight, type Settlement } from './step-in-flight.js';
import { stepOf, type Step } from './step.js';

// The clock is read once in so many steps, which return at once as a rule.
const stepsBetweenLooks = 16;

/**
 * One block of a plan: the same callback of one participant for its targets, in
 * order, up to its concurrency at a time. Steps that return at once cost
 * neither a promise nor a timer.
 */
export class BlockRun {
  private inFlight = 0;
  /** Another turn of the process is awaited before the next step begins. */
  private yielding = false;
  private spareContext: StepContext | undefined;
  private readonly spareSteps: StepInFlight[] = [];
  private readonly invoke: Invocation;
  private ended: () => void = () => {};

  constructor(
    private readonly execution: Execution,
    private readonly record: BlockRecord,
    readonly participant: Participant,
  ) {
    this.invoke = record.called
      ? bindCallback(
          participant,
          record.block.callback,
          execution.options.context,
        )
      : () => undefined;
  }

  /** Resolves when no step of the block runs any more, but for those overdue. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.ended = resolve;
      this.pump();
    });
  }

  /** A step that was in flight has returned, or thrown. */
  settled(
    step: StepInFlight,
    context: StepContext,
    error: CallbackError | undefined,
  ): void {
    const { index } = step;
    this.inFlight--;
    this.spareSteps.push(step);
    if (context.untouched) this.spareContext = context;
    this.end(index, error);
    this.execution.checkDeadline();
    this.pump();
  }

  /** The time of a step in flight is up. */
  overdue(
    index: number,
    error: CallbackError,
    settled: Promise<Settlement>,
  ): void {
    const { callback, participant } = this.record.block;
    const target = this.targetAt(index);
    this.inFlight--;
    this.execution.failed(this.record, index, error, 'unknown');
    this.execution.options.onOverdue({
      participant,
      callback,
      target,
      error,
      settled,
    });
    this.observeEnd(target, error);
    this.execution.checkDeadline();
    this.pump();
  }

  /** A step in flight takes long. */
  slow(index: number, elapsedMs: number): void {
    this.execution.options.onSlow(this.stepAt(index), elapsedMs);
  }

  stepAt(index: number): Step {
    return stepOf(
      this.record.block.callback,
      this.participant,
      this.targetAt(index),
    );
  }

  private pump(): void {
    while (this.mayBegin()) {
      if (this.turnIsDue()) {
        this.yielding = true;
        this.execution.yieldTurn(() => {
          this.yielding = false;
          this.pump();
        });
        return;
      }
      // Counted only once its synchronous part is over: a snapshot that is
      // taken inside it must not be ahead of it.
      this.begin(this.record.started);
      this.record.started++;
    }
    if (this.inFlight === 0 && !this.yielding) this.ended();
  }

  private mayBegin(): boolean {
    return (
      !this.yielding &&
      this.inFlight < this.participant.concurrency &&
      this.record.started < this.record.block.targets.length &&
      !this.execution.isHalted
    );
  }

  private turnIsDue(): boolean {
    return (
      this.record.started % stepsBetweenLooks === 0 &&
      this.execution.checkSlice()
    );
  }

  private begin(index: number): void {
    const { block, called } = this.record;
    const { blocked, observer, context: run } = this.execution.options;
    const target = this.targetAt(index);
    if (
      !blocked.isEmpty &&
      blocked.has(block.participant, block.callback, target)
    ) {
      this.execution.skipped(this.record, index);
      return;
    }
    if (!called) return;
    observer?.stepStarted(block.callback, this.participant, target);
    const context = (this.spareContext ??= new StepContext(run));
    try {
      const result = this.invoke(target, context);
      if (isThenable(result)) {
        this.spareContext = undefined;
        // A foreign thenable may call back twice, or throw; a promise does not.
        this.watch(index, context, Promise.resolve(result));
        return;
      }
    } catch (thrown) {
      this.spareContext = undefined;
      this.end(index, this.errorOf(index, thrown, undefined));
      return;
    }
    if (!context.untouched) this.spareContext = undefined;
    this.end(index, undefined);
  }

  private watch(
    index: number,
    context: StepContext,
    result: Promise<unknown>,
  ): void {
    this.inFlight++;
    const { watchdog, options } = this.execution;
    const limit = options.timeLimit(this.participant);
    const step = this.spareSteps.pop() ?? new StepInFlight(this, watchdog);
    step.begin(index, context, limit, result);
  }

  private end(index: number, error: CallbackError | undefined): void {
    if (error !== undefined) {
      this.execution.failed(this.record, index, error, 'failed');
    }
    this.observeEnd(this.targetAt(index), error);
  }

  private observeEnd(target: Target, error: CallbackError | undefined): void {
    const { observer } = this.execution.options;
    const { callback } = this.record.block;
    observer?.stepEnded(callback, this.participant, target, error);
  }

  errorOf(
    index: number,
    thrown: unknown,
    elapsedMs: number | undefined,
  ): CallbackError {
    const { order } = this.participant;
    return new CallbackError(this.stepAt(index), order, elapsedMs, thrown);
  }

  private targetAt(index: number): Target {
    return this.record.block.targets[index]!;
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
