import type { CallbackName } from '../model/callbacks.js';
import type { Participant, ParticipantState } from '../model/participant.js';
import { stepOf, type Step } from '../model/step.js';
import type { Holdings } from '../model/topology.js';
import { unserving, volumesIn } from '../plan/holdings.js';
import { mapping } from '../plan/mapping.js';
import type { PlanBlock } from '../plan/plan.js';
import type { EventSink, TransitionEvent } from '../report/events.js';
import { Execution, type RunningPhase } from '../run/execution.js';
import type { BlockRecord, FailedStep } from '../run/block-record.js';
import type { BlockedTargets } from '../run/blocked-targets.js';
import type { Journal } from '../run/journal.js';
import { Pause } from '../run/pause.js';
import type {
  ErrorPolicy,
  RunOptions,
  StepObserver,
} from '../run/run-control.js';
import type { RunContext } from '../run/step-context.js';
import type { UnknownStep } from '../run/unknown-step.js';
import { committing } from '../state/commit.js';
import { doAtOnce, doInSlices } from '../time/slices.js';
import type { Serving } from '../leases/serving.js';
import { releasingUnserved, unserved } from './claims.js';
import type { Engine } from './engine.js';

/** What a run of a plan is to do. */
export interface PlanRun {
  readonly blocks: readonly PlanBlock[];
  readonly context: RunContext;
  readonly onError: ErrorPolicy;
  /** See {@link RunOptions.isolated}. Default none. */
  readonly isolated?: ReadonlySet<string>;
  /** What each participant holds when all of the blocks are done. */
  readonly wanted: readonly Holdings[];
  /** The moment on the clock from which on no step begins; default never. */
  readonly deadline?: number;
  /** A single callback may take at most this share of the time left. Default 1. */
  readonly shareOfTimeLeft?: number;
  /** What failed before, and is not tried again, nor what builds on it. */
  readonly failedBefore?: Iterable<FailedStep>;
  /** With leases: nothing is claimed from then on, and they end with what it unserves. Default false. */
  readonly endsLeases?: boolean;
  /** Its callbacks change nothing: there is nothing to commit. Default false. */
  readonly changesNothing?: boolean;
}

/** A plan on its way. */
interface RunningPlan {
  readonly execution: Execution;
  /** What each participant holds when all of it is done; less what turned out to be another peer's. */
  wanted: readonly Holdings[];
  /** The volumes that it is to serve or to take away, once somebody asks. */
  changed?: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

// What is left to callbacks in flight when a Down pre-empts their transition.
const shareOfShutdown = 0.5;

/**
 * Runs the plans of one transition against the participants, one at a time, and
 * commits what was done of each to the real state. A plan may stop early, at a
 * deadline, after a failure, or when the signal of the transition aborts: what is
 * committed is what the journal says, never what the plan had.
 */
export class PlanRunner {
  private running: RunningPlan | undefined;
  private readonly unknownSteps: UnknownStep[] = [];
  /** With leases: the volumes that were to be served or unserved. */
  readonly touched = new Set<string>();
  /** For what asks the participants while this transition runs. */
  readonly pause = new Pause();

  constructor(
    private readonly engine: Engine,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.stopRunning());
  }

  /** How many steps of its plans ran out of time, those that have settled since too. */
  get overdue(): number {
    return this.unknownSteps.length;
  }

  /** Those that ran out of time after so many others, and have failed since. */
  failedLateAfter(overdue: number): FailedStep[] {
    return this.unknownSteps
      .slice(overdue)
      .filter(({ settlement }) => settlement?.kind === 'threw')
      .map((step) => ({ ...step, kind: 'failed' as const }));
  }

  /**
   * The states at this moment, between two commits too. They are worked out when
   * they are asked for, from what is noted now.
   */
  statesNow(): () => readonly ParticipantState[] {
    const { states } = this.engine.state;
    if (this.running === undefined) return () => states;
    const { execution, wanted } = this.running;
    const { records, running } = execution.progress();
    return () => doAtOnce(committing(records, states, wanted, running));
  }

  /** The callbacks in flight. */
  get inFlight(): readonly Step[] {
    return this.running?.execution.inFlight ?? [];
  }

  /** The phase that runs; undefined while none does. */
  now(): RunningPhase | undefined {
    return this.running?.execution.now();
  }

  /** Whether the plan that runs is to serve a volume, or to take it away. */
  changes(volumeName: string): boolean {
    const { running } = this;
    return running !== undefined && changedBy(running).has(volumeName);
  }

  /** See {@link Execution.isCallingFor}. */
  isCallingFor(volumeName: string): boolean {
    return this.running?.execution.isCallingFor(volumeName) ?? false;
  }

  /** Runs a plan and commits it. Never rejects; errors are in the journal. */
  async run(run: PlanRun): Promise<Journal> {
    if (this.pause.isOn) await this.pause.over();
    this.pause.setRunning(true);
    const { state, clock } = this.engine;
    const blocked = await doInSlices(
      state.blockingTargets(run.failedBefore),
      clock,
    );
    const execution = new Execution(run.blocks, this.optionsOf(run, blocked));
    const running: RunningPlan = { execution, wanted: run.wanted };
    this.running = running;
    if (this.engine.serving !== undefined) {
      for (const name of changedBy(running)) this.touched.add(name);
    }
    if (this.signal.aborted) this.stopRunning();
    await execution.run();
    const { journal } = execution;
    if (!run.changesNothing) await this.commit(journal, running.wanted);
    this.running = undefined;
    this.pause.setRunning(false);
    return journal;
  }

  private async commit(
    journal: Journal,
    wanted: readonly Holdings[],
  ): Promise<void> {
    const { state, clock } = this.engine;
    const states = await doInSlices(
      committing(journal.records, state.states, wanted),
      clock,
    );
    state.commit(states);
    this.running = undefined;
    await doInSlices(state.takingOverSettled(), clock);
  }

  private stopRunning(): void {
    const grace = this.engine.settings.shutdownTimeout * shareOfShutdown;
    this.running?.execution.stop(this.signal.reason as Error, grace);
    this.pause.end();
  }

  private optionsOf(run: PlanRun, blocked: BlockedTargets): RunOptions {
    const { state, settings, clock, sink, serving } = this.engine;
    const { id } = run.context;
    return {
      participants: state.participants,
      context: { ...run.context, leases: serving },
      onError: run.onError,
      isolated: run.isolated ?? none,
      clock,
      blocked,
      heldIn: (participant, name) => state.heldIn(participant, name),
      volumesOf: (group) =>
        run.wanted.flatMap((held) => volumesIn(held, group)),
      deadline: run.deadline ?? Infinity,
      timeLimit: (participant) => this.timeLimit(participant, run),
      slowAfter: settings.slowCallbackWarning,
      onSlow: (step, elapsedMs) =>
        sink.emit({ type: 'callbackSlow', id, elapsedMs, ...step }),
      onUnknown: (step) => {
        // A validate changes nothing: nothing has to wait for it.
        if (step.callback === 'validate') return;
        this.unknownSteps.push(step);
        state.addUnknown(step);
      },
      onBlockEnded: (record, participant) =>
        sink.emit(phaseEnded(id, record, participant)),
      pause: this.pause,
      onNote: (name, note) => serving?.note(name, note),
      betweenUnservingAndServing:
        serving &&
        (() =>
          run.endsLeases === true
            ? this.endLeases(serving)
            : this.claimWhatIsServed(serving)),
      observer: sink.wantsSteps() ? new EventingObserver(id, sink) : undefined,
    };
  }

  /**
   * Lets go of what is unserved by now, and claims what is to be served. What is
   * another peer's is left out of the rest of the plan.
   */
  private async claimWhatIsServed(serving: Serving): Promise<void> {
    const { running, engine } = this;
    if (running === undefined) return;
    const { execution } = running;
    const { state, clock } = engine;
    const { records } = execution.journal;
    const toServe = execution.namesIn('serveVolume');
    const leaving = [...execution.namesIn('unserveVolume')].filter(
      (name) => !toServe.has(name),
    );
    await doInSlices(
      releasingUnserved(serving, leaving, state, records),
      clock,
    );
    // Where some serve a volume already, the others use the same claim.
    const toClaim = await doInSlices(
      unserved(toServe, state.states, records),
      clock,
    );
    const others = await serving.claim(toClaim);
    if (others.size === 0) return;
    execution.leaveOut('serveVolume', others);
    running.wanted = await doInSlices(
      mapping(running.wanted, (held) => unserving(held, others)),
      clock,
    );
  }

  /** Others may have what is unserved while participants go down. */
  private async endLeases(serving: Serving): Promise<void> {
    const { state, clock } = this.engine;
    const records = this.running?.execution.journal.records;
    serving.beginToEnd();
    await doInSlices(
      releasingUnserved(serving, this.touched, state, records),
      clock,
    );
    void serving.end();
  }

  private timeLimit(participant: Participant, run: PlanRun): number {
    const { settings, clock } = this.engine;
    const limit = participant.timeout ?? settings.callbackTimeout;
    if (run.deadline === undefined) return limit;
    const left = Math.max(0, run.deadline - clock.now());
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

function changedBy(running: RunningPlan): ReadonlySet<string> {
  const { execution } = running;
  return (running.changed ??= new Set(
    (['unserveVolume', 'serveVolume', 'volumeLost'] as const).flatMap(
      (callback) => [...execution.namesIn(callback)],
    ),
  ));
}
