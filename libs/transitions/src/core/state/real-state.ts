import { isAnnouncement, isBuiltOnByServing } from '../model/callback-table.js';
import {
  initialState,
  type Participant,
  type ParticipantState,
} from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import { Deviation, type Excused } from '../plan/deviation.js';
import { BlockedTargets } from '../run/blocked-targets.js';
import type { FailedStep } from '../run/block-record.js';
import type { Settlement, UnknownStep } from '../run/unknown-step.js';
import type { SlicedWork } from '../time/slices.js';
import { Failures } from './failures.js';
import { afterLate, withoutOwedInVain } from './following.js';
import { makingWhole } from './made-whole.js';
import { UnknownSteps } from './unknown-steps.js';
import { sharing } from './sharing.js';

const nothing: Excused = { volumes: new Set(), groups: new Set() };

/** Who is told of callbacks that settle after their time was up. */
export interface LateListener {
  /**
   * One has settled while no transition runs: {@link RealState.settling} is to take
   * it over.
   */
  waiting(): void;
  /** What one has done was taken over. */
  takenOver(step: UnknownStep, settlement: Settlement): void;
  /** One counts as not done from now on, whatever it does later. */
  forgotten(step: UnknownStep): void;
}

/**
 * What has really happened: what each participant holds, which callbacks are
 * unknown, and what is set aside. Plans are made only from this.
 */
export class RealState {
  private current: readonly ParticipantState[];
  private readonly unknownSteps = new UnknownSteps(() => {
    if (!this.inTransition) this.listener.waiting();
  });
  private inTransition = false;
  /** Something was taken over that has not been compared with what is wanted yet. */
  private isUnassessed = false;
  private deviates = false;
  /** What is set aside. */
  readonly failures = new Failures();
  /** What every participant should hold; undefined while that is nothing. */
  wanted: Holdings | undefined;
  /** Volumes that are wanted here and that another peer still holds. */
  absent: ReadonlySet<string> = new Set();
  /** Volumes whose leases were lost, of which the participants have not been told yet. */
  lost: ReadonlySet<string> = new Set();
  /**
   * Something failed that the states do not show, for example a boot or a Down.
   */
  incomplete = false;

  constructor(
    readonly participants: readonly Participant[],
    private readonly listener: LateListener,
  ) {
    this.current = participants.map(() => initialState);
  }

  /** One for each participant, in ascending order. */
  get states(): readonly ParticipantState[] {
    return this.current;
  }

  /** The callbacks that ran out of time and have not settled. */
  get unknown(): readonly UnknownStep[] {
    return [...this.unknownSteps];
  }

  /** Whether nothing is up, held or unknown. */
  get isEmpty(): boolean {
    return (
      this.unknownSteps.isEmpty &&
      this.current.every(
        ({ up, held }) =>
          !up && held.groups.size === 0 && held.volumes.size === 0,
      )
    );
  }

  /** How many callbacks have settled after their time was up. */
  get settledLate(): number {
    return this.unknownSteps.settledLate;
  }

  /**
   * Whether anything is unknown, or differed from the configuration in force
   * when the last transition ended. What is set aside and out of the way does
   * not count.
   */
  get isDegraded(): boolean {
    return (
      this.incomplete ||
      this.deviates ||
      this.isUnassessed ||
      !this.unknownSteps.isEmpty
    );
  }

  /** What is excused, what another peer still holds, and what was lost meanwhile. */
  excusing({ volumes, groups }: Excused): Excused {
    const { absent, lost } = this;
    return absent.size + lost.size === 0
      ? { volumes, groups }
      : { volumes: new Set([...volumes, ...absent, ...lost]), groups };
  }

  /**
   * {@link isDegraded}, if more is set aside than `failures` has. As work that can
   * be sliced.
   */
  *degradedBeyond(names: Excused, deviation: Deviation): SlicedWork<boolean> {
    if (this.incomplete || !this.unknownSteps.isEmpty) return true;
    return this.deviates && (yield* this.deviatesBeyond(names, deviation));
  }

  /**
   * A transition begins. Until it ends, the state changes only when it commits,
   * so that its plans do not become stale. What settles late has to wait.
   */
  beginTransition(): void {
    this.inTransition = true;
  }

  /**
   * What has settled late is taken over, and what is held is compared with what is
   * wanted, as work that can be sliced: when a transition changes nothing any more,
   * and while none runs.
   */
  *settling(): SlicedWork<void> {
    const settled = yield* this.applyingSettled();
    yield* this.assessing();
    this.isUnassessed = false;
    yield* this.telling(settled);
  }

  /** The transition has ended. What has settled since waits to be taken over. */
  endTransition(): void {
    this.inTransition = false;
    if (this.hasSettled) this.listener.waiting();
  }

  /** Whether what a callback has done late is still to be taken over. */
  get hasSettled(): boolean {
    return this.unknownSteps.hasSettled;
  }

  /**
   * The transition ends, and another goes on with what it had begun: what is held
   * is not judged in between. As work that can be sliced.
   */
  *handingOver(): SlicedWork<void> {
    yield* this.takingOverSettled();
    const { wanted } = this;
    if (wanted !== undefined)
      this.current = yield* sharing(this.current, wanted);
  }

  /** Takes over the states after a plan. */
  commit(states: readonly ParticipantState[]): void {
    this.current = states;
  }

  addUnknown(step: UnknownStep): void {
    this.unknownSteps.add(step);
  }

  /**
   * In a transition: takes over what unknown callbacks have done, if they have
   * settled by now. As work that can be sliced.
   */
  *takingOverSettled(): SlicedWork<void> {
    yield* this.telling(yield* this.applyingSettled());
  }

  /**
   * The same before anything is called, so that who lacks signaledFinish gets the
   * signaledStart of this transition, though that of an earlier one has settled late.
   */
  *takingOverBeforehand(): SlicedWork<void> {
    yield* this.takingOverSettled();
    this.current = withoutOwedInVain(this.current, this.participants);
  }

  private *applyingSettled(): SlicedWork<readonly UnknownStep[]> {
    const settled = this.unknownSteps.takeSettled();
    if (settled.length === 0) return settled;
    this.current = yield* afterLate(this.current, this.participants, settled);
    this.unknownSteps.end(settled);
    this.isUnassessed = true;
    return settled;
  }

  private *telling(settled: readonly UnknownStep[]): SlicedWork<void> {
    let told = 0;
    for (const step of settled) {
      if (++told % 64 === 0) yield;
      this.listener.takenOver(step, step.settlement!);
    }
  }

  /**
   * What no step may touch, because the outcome of another step is unknown or
   * because it failed before. As work that can be sliced.
   */
  *blockingTargets(
    failedBefore: Iterable<FailedStep> = [],
  ): SlicedWork<BlockedTargets> {
    const blocked = new BlockedTargets();
    let looked = 0;
    for (const { participant, callback, target } of failedBefore) {
      if (++looked % 128 === 0) yield;
      if (target === null || isAnnouncement(callback)) {
        blocked.blockStep(participant, callback, target);
      } else {
        const heldIn = this.heldIn(participant, target.name);
        blocked.block(participant, target, heldIn);
        if (isBuiltOnByServing(callback)) blocked.blockServing(target);
      }
    }
    for (const { participant, target } of this.unknownSteps) {
      if (++looked % 128 === 0) yield;
      const heldIn = target && this.heldIn(participant, target.name);
      blocked.block(participant, target, heldIn ?? undefined);
      if (target !== null) blocked.block('all', target, heldIn ?? undefined);
    }
    return blocked;
  }

  /**
   * The group in which a participant has a volume; undefined if it has none.
   */
  heldIn(participant: number, volumeName: string): string | undefined {
    return this.current[participant]?.held.volumes.get(volumeName)?.groupName;
  }

  /** Takes some unknown callbacks as not done, whatever they do later. */
  forgetUnknown(isMeant: (step: UnknownStep) => boolean): void {
    for (const step of this.unknownSteps) {
      if (!isMeant(step)) continue;
      this.unknownSteps.forget(step);
      this.listener.forgotten(step);
    }
  }

  /** Whoever lacks callbacks follows in what is known again. */
  private *following(wanted: Holdings): SlicedWork<void> {
    const { participants } = this;
    this.current = yield* makingWhole(
      withoutOwedInVain(this.current, participants),
      participants,
      wanted,
      this.unknownSteps.takeKnown(),
      yield* this.blockingTargets(),
    );
  }

  private *assessing(): SlicedWork<void> {
    const { wanted } = this;
    if (wanted === undefined) {
      this.deviates = false;
      return;
    }
    yield* this.following(wanted);
    this.current = yield* sharing(this.current, wanted);
    const deviation = yield* Deviation.comparing(this.current, wanted);
    yield* this.failures.keepingDeviating(deviation);
    this.deviates = yield* this.deviatesBeyond(nothing, deviation);
  }

  /**
   * Not counting what is set aside and out of the way, nor some other names, nor what
   * is about to be told as lost.
   */
  private *deviatesBeyond(
    { volumes, groups }: Excused,
    deviation: Deviation,
  ): SlicedWork<boolean> {
    const { all, hasFalling } = this.failures;
    if (hasFalling) return true;
    let looked = 0;
    for (const name of this.absent) {
      if (++looked % 64 === 0) yield;
      if (deviation.isServed(name)) return true;
    }
    const excused = [...volumes, ...all.volumes];
    const others = [...this.absent, ...this.lost];
    return yield* deviation.isBeyond({
      volumes: yield* deviation.outOfTheWay(excused, others),
      groups: new Set([...groups, ...all.groups]),
    });
  }
}
