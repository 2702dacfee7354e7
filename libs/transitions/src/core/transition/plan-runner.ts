import type { CallbackName } from '../model/callbacks.js';
import type { Clock } from '../time/clock.js';
import type { TransitionEvent } from '../report/events.js';
import {
  Execution,
  type ErrorPolicy,
  type OverdueStep,
  type StepObserver,
} from '../run/execution.js';
import type { BlockRecord, FailedStep, Journal } from '../run/journal.js';
import type { Participant, ParticipantState } from '../model/participant.js';
import type { PlanBlock } from '../plan/plan.js';
import { volumesIn } from '../plan/holdings.js';
import type { RealState } from '../state/real-state.js';
import type { TransitionSettings } from './settings.js';
import type { RunContext } from '../run/step-context.js';
import { stepOf } from '../model/step.js';
import type { Holdings } from '../model/topology.js';

/** Where events go. */
export interface EventSink {
  emit(event: TransitionEvent): void;
  /** Whether anybody wants an event for each single step: they cost. */
  wantsSteps(): boolean;
}

/** What a run of a plan is to do. */
export interface PlanRun {
  readonly blocks: readonly PlanBlock[];
  readonly context: RunContext;
  readonly onError: ErrorPolicy;
  /** What each participant holds when all of the blocks are done. */
  readonly wanted: readonly Holdings[];
  /** The moment on the clock from which on no step begins; default never. */
  readonly deadline?: number;
  /** A single callback may take at most this share of the time left. Default 1. */
  readonly shareOfTimeLeft?: number;
  /** What failed before, and is not tried again, nor what builds on it. */
  readonly failedBefore?: Iterable<FailedStep>;
}

/**
 * Runs plans against the participants and commits what was done of them to the
 * real state, one plan at a time. It can be stopped from outside, once and for
 * all: a Down uses a runner of its own.
 */
export class PlanRunner {
  private running:
    | { readonly execution: Execution; readonly wanted: readonly Holdings[] }
    | undefined;
  private readonly overdueSteps: OverdueStep[] = [];
  private stopCause: Error | undefined;
  private stopGraceMs = 0;

  constructor(
    private readonly state: RealState,
    private readonly settings: TransitionSettings,
    private readonly clock: Clock,
    private readonly sink: EventSink,
  ) {}

  /** Why no step begins any more; undefined where nothing stopped the runner. */
  get stoppedBy(): Error | undefined {
    return this.stopCause;
  }

  /** The steps of its plans that ran out of time, those that have settled since too. */
  get overdue(): readonly OverdueStep[] {
    return this.overdueSteps;
  }

  /** The states at this moment, between two commits too. */
  statesNow(): readonly ParticipantState[] {
    const { states } = this.state;
    if (this.running === undefined) return states;
    const { execution, wanted } = this.running;
    return execution.statesNow(states, wanted);
  }

  /** Runs a plan and commits it. Never rejects; errors are in the journal. */
  async run(run: PlanRun): Promise<Journal> {
    const execution = new Execution(run.blocks, this.optionsOf(run));
    if (this.stopCause !== undefined) {
      execution.stop(this.stopCause, this.stopGraceMs);
    }
    this.running = { execution, wanted: run.wanted };
    await execution.run();
    this.running = undefined;
    this.state.commit(execution.journal, run.wanted);
    return execution.journal;
  }

  /** No step begins any more; those in flight have so many milliseconds left. */
  stop(cause: Error, graceMs: number): void {
    this.stopCause ??= cause;
    this.stopGraceMs = graceMs;
    this.running?.execution.stop(cause, graceMs);
  }

  private optionsOf(run: PlanRun): Execution['options'] {
    const { state, clock, sink } = this;
    const { id } = run.context;
    return {
      participants: state.participants,
      context: run.context,
      onError: run.onError,
      clock,
      blocked: state.blockedTargets(run.failedBefore),
      heldIn: (participant, name) => state.heldIn(participant, name),
      volumesOf: (group) =>
        run.wanted.flatMap((held) => volumesIn(held, group)),
      deadline: run.deadline ?? Infinity,
      timeLimit: (participant) => this.timeLimit(participant, run),
      slowAfter: this.settings.slowCallbackWarning,
      onSlow: (step, elapsedMs) =>
        sink.emit({ type: 'callbackSlow', id, elapsedMs, ...step }),
      onOverdue: (step) => {
        // A validate changes nothing: nothing has to wait for it.
        if (step.callback === 'validate') return;
        this.overdueSteps.push(step);
        state.addOverdue(step);
      },
      onBlockEnded: (record, participant) =>
        sink.emit(phaseEnded(id, record, participant)),
      observer: sink.wantsSteps() ? new EventingObserver(id, sink) : undefined,
    };
  }

  private timeLimit(participant: Participant, run: PlanRun): number {
    const limit = participant.timeout ?? this.settings.callbackTimeout;
    if (run.deadline === undefined) return limit;
    const left = Math.max(0, run.deadline - this.clock.now());
    return Math.min(limit, left * (run.shareOfTimeLeft ?? 1));
  }
}

class EventingObserver implements StepObserver {
  constructor(
    private readonly id: number,
    private readonly sink: EventSink,
  ) {}

  stepStarted(
    ...[callback, participant, target]: Parameters<StepObserver['stepStarted']>
  ): void {
    const { id } = this;
    const step = stepOf(callback, participant, target);
    this.sink.emit({ type: 'stepStarted', id, ...step });
  }

  stepEnded(
    ...[callback, participant, target, error]: Parameters<
      StepObserver['stepEnded']
    >
  ): void {
    const { id } = this;
    const step = stepOf(callback, participant, target);
    this.sink.emit({
      type: 'stepEnded',
      id,
      ...step,
      ...(error === undefined ? {} : { error }),
    });
  }
}

function phaseEnded(
  id: number,
  record: BlockRecord,
  participant: Participant,
): TransitionEvent {
  const callback: CallbackName = record.block.callback;
  return {
    type: 'phaseEnded',
    id,
    participant: participant.name,
    callback,
    calls: record.calls,
    failed: [...record.failedSteps()].length,
    targets: record.block.targets
      .slice(0, Math.min(10, record.started))
      .flatMap((target) => (target === null ? [] : [target.name])),
    durationMs: record.durationMs,
  };
}
