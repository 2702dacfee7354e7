import type { Participant, ParticipantState } from '../model/participant.js';
import type { Step } from '../model/step.js';
import type { Holdings } from '../model/topology.js';
import { volumesIn } from '../plan/holdings.js';
import type { PlanBlock } from '../plan/plan.js';
import { Execution, type RunningPhase } from '../run/execution.js';
import type { FailedStep } from '../run/block-record.js';
import type { BlockedTargets } from '../run/blocked-targets.js';
import type { Journal } from '../run/journal.js';
import { Pause } from '../run/pause.js';
import type { ErrorPolicy, RunOptions } from '../run/run-control.js';
import type { RunContext } from '../run/step-context.js';
import type { UnknownStep } from '../run/unknown-step.js';
import { committing } from '../state/commit.js';
import { doAtOnce, doInSlices } from '../time/slices.js';
import type { Serving } from '../leases/serving.js';
import type { Engine } from './engine.js';
import { beginToEndLeases, claimWhatIsServed } from './plan-claims.js';
import { RunningPlan } from './running-plan.js';
import { phaseEnded, stepEvents } from './step-events.js';

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
    return running?.changed.has(volumeName) ?? false;
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
    const running = new RunningPlan(execution, run.wanted);
    this.running = running;
    if (this.engine.serving !== undefined) {
      for (const name of running.changed) this.touched.add(name);
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
        serving && (() => this.leaseBetween(serving, run)),
      observer: stepEvents(id, sink),
    };
  }

  /** When nothing is left to be unserved, and nothing is served yet. */
  private async leaseBetween(
    serving: Serving,
    { endsLeases }: PlanRun,
  ): Promise<void> {
    const { running, engine } = this;
    if (endsLeases === true) {
      const records = running?.execution.journal.records;
      await beginToEndLeases(serving, this.touched, engine, records);
    } else if (running !== undefined) {
      await claimWhatIsServed(serving, running, engine);
    }
  }

  private timeLimit(participant: Participant, run: PlanRun): number {
    const { settings, clock } = this.engine;
    const limit = participant.timeout ?? settings.callbackTimeout;
    if (run.deadline === undefined) return limit;
    const left = Math.max(0, run.deadline - clock.now());
    return Math.min(limit, left * (run.shareOfTimeLeft ?? 1));
  }
}
