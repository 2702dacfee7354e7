import {
  announcements,
  type BlockedTargets,
  type Participants,
} from './blocked-targets.js';
import { BlockRun } from './block-run.js';
import { blocksInStep, Follower } from './follower.js';
import type { CallbackName } from '../model/callbacks.js';
import type { Clock } from '../time/clock.js';
import type { CallbackError } from '../model/errors.js';
import { Journal, type BlockRecord } from './journal.js';
import type { Participant, ParticipantState } from '../model/participant.js';
import type { PlanBlock, Target } from '../plan/plan.js';
import { Slice } from '../time/slices.js';
import type { RunContext } from './step-context.js';
import type { Settlement } from './step-in-flight.js';
import { isVolume, type Step } from '../model/step.js';
import type { Holdings, Volume } from '../model/topology.js';
import { Watchdog } from './watchdog.js';

/**
 * What an error does to the steps after it.
 * `halt`: no new step begins.
 * `continue`: all go on but those that build on it, at that participant.
 * `isolate`: all go on but those for the same target, at every participant;
 * where the participant itself is the target: as `halt`.
 */
export type ErrorPolicy = 'halt' | 'continue' | 'isolate';

/** A step whose callback ran out of time, until it settles. */
export interface OverdueStep {
  readonly participant: number;
  readonly callback: CallbackName;
  readonly target: Target;
  readonly error: CallbackError;
  /** Settles when the callback does, and never rejects. */
  readonly settled: Promise<Settlement>;
  /** How it settled, once it has. */
  settlement?: Settlement;
}

/** Who wants to know of each step. Absent where nobody does: each call costs. */
export interface StepObserver {
  stepStarted(
    callback: CallbackName,
    participant: Participant,
    target: Target,
  ): void;
  stepEnded(
    callback: CallbackName,
    participant: Participant,
    target: Target,
    error: CallbackError | undefined,
  ): void;
}

/** What the run of a plan needs from outside. */
export interface ExecutionOptions {
  /** In ascending order. */
  readonly participants: readonly Participant[];
  readonly context: RunContext;
  readonly onError: ErrorPolicy;
  readonly clock: Clock;
  readonly blocked: BlockedTargets;
  /** The group in which a participant has a volume. */
  readonly heldIn: (
    participant: number,
    volumeName: string,
  ) => string | undefined;
  /** The volumes that are wanted in a group: set aside with it by `isolate`. */
  readonly volumesOf: (volumeGroupName: string) => Iterable<Volume>;
  /** The moment on the clock from which on no step begins any more. */
  readonly deadline: number;
  /** Milliseconds that the callback which begins now may take. */
  readonly timeLimit: (participant: Participant) => number;
  /** Milliseconds after which a callback that still runs is worth a warning. */
  readonly slowAfter: number;
  readonly onSlow: (step: Step, elapsedMs: number) => void;
  readonly onOverdue: (step: OverdueStep) => void;
  readonly onBlockEnded: (
    record: BlockRecord,
    participant: Participant,
  ) => void;
  readonly observer: StepObserver | undefined;
}

/** One run of a plan, block after block. What was done of it is in its journal. */
export class Execution {
  readonly journal: Journal;
  readonly watchdog: Watchdog;
  private stopCause: Error | undefined;
  private halted = false;
  private readonly slice: Slice;
  private current: BlockRecord | undefined;
  /** The blocks with which another keeps pace, each with that one. */
  private readonly inStep: ReadonlyMap<BlockRecord, BlockRecord>;

  constructor(
    blocks: readonly PlanBlock[],
    readonly options: ExecutionOptions,
  ) {
    const { participants } = options;
    this.journal = new Journal(participants, blocks);
    this.inStep = blocksInStep(this.journal.records, participants);
    this.watchdog = new Watchdog(options.clock, options.slowAfter);
    this.slice = new Slice(options.clock);
  }

  /** Why the run was stopped from outside; undefined where it was not. */
  get stoppedBy(): Error | undefined {
    return this.stopCause;
  }

  /** No further step begins. */
  get isHalted(): boolean {
    return this.halted;
  }

  /** The states after the steps that have returned so far, those in flight not counted. */
  statesNow(
    states: readonly ParticipantState[],
    wanted: readonly Holdings[],
  ): ParticipantState[] {
    const inFlight = new Set(this.watchdog.inFlight.map(({ index }) => index));
    const { current } = this;
    const running = current && {
      record: current,
      follower: this.inStep.get(current),
      inFlight,
    };
    return this.journal.commit(states, wanted, running);
  }

  /** Resolves when no step runs any more, but for those overdue. Never rejects. */
  async run(): Promise<void> {
    const followers = new Set(this.inStep.values());
    for (const record of this.journal.records) {
      if (followers.has(record)) continue;
      this.checkDeadline();
      if (this.halted) break;
      await this.runBlock(record);
    }
    this.watchdog.close();
  }

  /**
   * No further step begins; those in flight have their signals aborted and so
   * many milliseconds left.
   */
  stop(cause: Error, graceMs: number): void {
    if (this.stopCause !== undefined) return;
    this.stopCause = cause;
    this.halted = true;
    this.watchdog.stop(cause, graceMs);
  }

  /** Halts the run when its time is up. */
  checkDeadline(): void {
    const { deadline, clock } = this.options;
    if (deadline !== Infinity && clock.now() >= deadline) this.halted = true;
  }

  /** Looks at the clock: whether the process is due its turn at other work. Halts when time is up. */
  checkSlice(): boolean {
    if (this.slice.look() >= this.options.deadline) this.halted = true;
    return this.slice.isOver;
  }

  /** How many steps may begin before the next look at the clock. */
  get stepsBetweenLooks(): number {
    return this.slice.piecesBetweenLooks;
  }

  /** Calls back after the process has had its turn. */
  yieldTurn(callback: () => void): void {
    this.options.clock.yieldTo(() => {
      this.slice.begin();
      callback();
    });
  }

  /** Records an error of a step and draws what follows from it. */
  failed(
    record: BlockRecord,
    index: number,
    error: CallbackError,
    kind: 'failed' | 'unknown',
  ): void {
    record.note(index, { kind, error });
    const { onError } = this.options;
    const { callback, participant, targets } = record.block;
    const target = targets[index]!;
    if (onError === 'halt' || (onError === 'isolate' && target === null)) {
      this.halted = true;
    }
    if (kind === 'unknown') {
      this.block(target === null ? participant : 'all', participant, target);
    } else if (target !== null && onError === 'isolate') {
      this.block('all', participant, target);
    } else if (target !== null && !announcements.has(callback)) {
      this.block(participant, participant, target);
    }
  }

  /** What builds on a step that is passed over is passed over as well. */
  skipped(record: BlockRecord, index: number): void {
    record.note(index, { kind: 'skipped' });
    const { participant, targets } = record.block;
    const target = targets[index]!;
    if (target === null || !isVolume(target)) return;
    const { blocked, heldIn } = this.options;
    blocked.block(participant, target, heldIn(participant, target.name));
  }

  private block(
    whose: Participants,
    participant: number,
    target: Target,
  ): void {
    const { blocked, heldIn, volumesOf, onError } = this.options;
    if (target === null) blocked.block(whose, target);
    else if (isVolume(target)) {
      blocked.block(whose, target, heldIn(participant, target.name));
    } else {
      blocked.block(whose, target);
      if (onError !== 'isolate') return;
      for (const volume of volumesOf(target.name)) {
        blocked.block('all', volume, heldIn(participant, volume.name));
      }
    }
  }

  private async runBlock(record: BlockRecord): Promise<void> {
    const { clock, participants, blocked, onBlockEnded } = this.options;
    if (!record.called && blocked.isEmpty) {
      record.started = record.block.targets.length;
      return;
    }
    const participant = participants[record.block.participant]!;
    const follower = this.followerOf(record);
    const startedAt = clock.now();
    this.current = record;
    this.slice.forgetPace();
    await new BlockRun(this, record, participant, follower).run();
    this.current = undefined;
    record.durationMs = clock.now() - startedAt;
    if (record.called) onBlockEnded(record, participant);
    if (follower === undefined) return;
    follower.record.durationMs = record.durationMs;
    onBlockEnded(follower.record, follower.participant);
  }

  private followerOf(record: BlockRecord): Follower | undefined {
    const follower = this.inStep.get(record);
    if (follower === undefined) return undefined;
    const { participants } = this.options;
    const participant = participants[follower.block.participant]!;
    return new Follower(this, follower, participant);
  }
}
