import { isAnnouncement, isBuiltOnByServing } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError } from '../model/errors.js';
import type { Participant } from '../model/participant.js';
import { isVolume, type Step, type Target } from '../model/step.js';
import type { Volume } from '../model/topology.js';
import type { Clock } from '../time/clock.js';
import { Slice } from '../time/slices.js';
import type { BlockedTargets, Participants } from './blocked-targets.js';
import type { BlockRecord, PassedOver } from './block-record.js';
import type { Pause } from './pause.js';
import type { RunContext } from './step-context.js';
import type { UnknownStep } from './unknown-step.js';
import { Watchdog } from './watchdog.js';

/**
 * What an error does to the steps after it.
 * `halt`: no new step begins.
 * `continue`: all steps go on, except for those that build on the failed one at
 * the same participant. No later participant serves what this one could not
 * create, move, change or serve.
 * `isolate`: all steps go on, except for those for the same target, at every
 * participant. If the target is the participant itself, the same as `halt`.
 */
export type ErrorPolicy = 'halt' | 'continue' | 'isolate';

/**
 * Is told of each step. Absent if nobody wants to know, because each call
 * costs.
 */
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
export interface RunOptions {
  /** In ascending order. */
  readonly participants: readonly Participant[];
  readonly context: RunContext;
  readonly onError: ErrorPolicy;
  /** Volumes of which an error does not halt the run, but isolates them. */
  readonly isolated: ReadonlySet<string>;
  readonly clock: Clock;
  readonly blocked: BlockedTargets;
  /** The group in which a participant has a volume. */
  readonly heldIn: (
    participant: number,
    volumeName: string,
  ) => string | undefined;
  /**
   * The volumes that are wanted in a group; `isolate` sets them aside with it.
   */
  readonly volumesOf: (volumeGroupName: string) => Iterable<Volume>;
  /** The time on the clock from which no step begins any more. */
  readonly deadline: number;
  /** How many milliseconds a callback that begins now may take. */
  readonly timeLimit: (participant: Participant) => number;
  /**
   * After how many milliseconds a callback that still runs causes a warning.
   */
  readonly slowAfter: number;
  readonly onSlow: (step: Step, elapsedMs: number) => void;
  readonly onUnknown: (step: UnknownStep) => void;
  readonly onBlockEnded: (
    record: BlockRecord,
    participant: Participant,
  ) => void;
  readonly observer: StepObserver | undefined;
  /** An unserveVolume has left a note for whoever serves the volume next. */
  readonly onNote?: (volumeName: string, note: string) => void;
  /**
   * Called once, when nothing is left to be unserved and before anything is
   * served. Default: nothing happens then.
   */
  readonly betweenUnservingAndServing?: (() => Promise<void>) | undefined;
  /** Keeps steps from beginning for a while. */
  readonly pause: Pause;
}

/**
 * What the steps of a run share: whether the next one may begin, when the
 * process should do other work, and what follows from a failure.
 */
export class RunControl {
  readonly watchdog: Watchdog;
  private readonly pause: Pause;
  private halted = false;
  private readonly slice: Slice;

  constructor(readonly options: RunOptions) {
    this.watchdog = new Watchdog(options.clock, options.slowAfter);
    this.pause = options.pause;
    this.slice = new Slice(options.clock);
  }

  /** Whether no further step begins. */
  get isHalted(): boolean {
    return this.halted;
  }

  /** Whether the next step may begin now. */
  get mayBegin(): boolean {
    return !this.halted && !this.pause.isOn;
  }

  /**
   * Lets no further step begin. The signals of those in flight abort, and they
   * have so many milliseconds left.
   */
  stop(cause: Error, graceMs: number): void {
    if (this.watchdog.isStopped) return;
    this.halted = true;
    this.watchdog.stop(cause, graceMs);
  }

  /** Halts the run when its time is up. */
  checkDeadline(): void {
    const { deadline, clock } = this.options;
    if (deadline !== Infinity && clock.now() >= deadline) this.halted = true;
  }

  /**
   * Work of another kind begins: nothing is known about how long its pieces
   * take.
   */
  forgetPace(): void {
    this.slice.forgetPace();
  }

  /**
   * Looks at the clock. True if the process should do other work. Halts when
   * time is up.
   */
  checkSlice(): boolean {
    if (this.slice.look() >= this.options.deadline) this.halted = true;
    return this.slice.isOver;
  }

  /** How many steps may begin before the next look at the clock. */
  get stepsBetweenLooks(): number {
    return this.slice.piecesBetweenLooks;
  }

  /** Calls back after the process has had a turn for other work. */
  yieldTurn(callback: () => void): void {
    this.options.clock.yieldTo(() => {
      this.slice.begin();
      callback();
    });
  }

  /** Records the error of a step, and applies what follows from it. */
  failed(
    record: BlockRecord,
    index: number,
    error: CallbackError,
    kind: 'failed' | 'unknown',
  ): void {
    record.note(index, { kind, error });
    const { callback, participant, targets } = record.block;
    const target = targets[index]!;
    const onError = this.policyFor(target);
    if (onError === 'halt' || (onError === 'isolate' && target === null)) {
      this.halted = true;
    }
    const isIsolated = onError === 'isolate' && target !== null;
    if (kind === 'unknown' || isIsolated) {
      this.block(participant, participant, target);
      if (target !== null) this.block('all', participant, target);
    } else if (target !== null && !isAnnouncement(callback)) {
      this.block(participant, participant, target);
      if (isBuiltOnByServing(callback))
        this.options.blocked.blockServing(target);
    }
  }

  private policyFor(target: Target): ErrorPolicy {
    const { onError, isolated } = this.options;
    if (onError !== 'halt' || target === null) return onError;
    return isVolume(target) && isolated.has(target.name) ? 'isolate' : onError;
  }

  /** Records that a step is passed over. What builds on it is skipped as well. */
  passOver(record: BlockRecord, index: number, how: PassedOver): void {
    record.note(index, how);
    const { callback, participant, targets } = record.block;
    const target = targets[index]!;
    const { blocked, heldIn } = this.options;
    if (target === null) return;
    if (isBuiltOnByServing(callback)) blocked.blockServing(target);
    if (!isVolume(target)) return;
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
}
