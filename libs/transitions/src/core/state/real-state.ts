import { isAnnouncement } from '../model/callback-table.js';
import { BlockedTargets } from '../run/blocked-targets.js';
import { computeDelta, isEmptyDelta } from '../plan/delta.js';
import { Deviation } from '../plan/deviation.js';
import type { FailedStep, Journal } from '../run/journal.js';
import {
  initialState,
  type Participant,
  type ParticipantState,
} from '../model/participant.js';
import type { VolumeFailure } from '../report/report.js';
import type { Settlement, UnknownStep } from '../run/unknown-step.js';
import { applyStep, commitJournal } from './commit.js';
import { isVolume } from '../model/step.js';
import type { Holdings } from '../model/topology.js';

/**
 * What has really happened: what each participant holds, which callbacks are
 * unknown, which volumes are set aside. The only state there is from which
 * plans are made.
 */
export class RealState {
  private current: readonly ParticipantState[];
  private readonly unknownSteps = new Set<UnknownStep>();
  private readonly settledSteps: UnknownStep[] = [];
  private inTransition = false;
  private settledCount = 0;
  private deviates = false;
  /** Volumes set aside, by name. */
  readonly failures = new Map<string, VolumeFailure>();
  /** What every participant is to hold; undefined while that is nothing. */
  wanted: Holdings | undefined;
  /** Something failed that the states do not show, such as a boot or a Down. */
  incomplete = false;

  constructor(
    readonly participants: readonly Participant[],
    private readonly onSettledLate: (
      step: UnknownStep,
      settlement: Settlement,
    ) => void,
  ) {
    this.current = participants.map(() => initialState);
  }

  /** One for each participant, in ascending order. */
  get states(): readonly ParticipantState[] {
    return this.current;
  }

  /** Callbacks that ran out of time and have not settled. */
  get unknown(): readonly UnknownStep[] {
    return [...this.unknownSteps];
  }

  /** How many callbacks have settled after their time was up. */
  get settledLate(): number {
    return this.settledCount;
  }

  /** Whether something is otherwise than the configuration in force wants it, as the last transition left it. */
  get isDegraded(): boolean {
    return this.incomplete || this.deviates || this.unknownSteps.size > 0;
  }

  /**
   * A transition begins. Until it ends the state changes only where it commits,
   * so that its plans do not grow stale: what settles late waits.
   */
  beginTransition(): void {
    this.inTransition = true;
  }

  endTransition(): void {
    this.inTransition = false;
    this.takeOverSettled();
  }

  /** Takes over what was done of a plan that was to lead to `wanted`. */
  commit(journal: Journal, wanted: readonly Holdings[]): void {
    this.current = commitJournal(journal, this.current, wanted);
    this.takeOverSettled();
  }

  addUnknown(step: UnknownStep): void {
    this.unknownSteps.add(step);
    void step.settled.then((settlement) => {
      if (!this.unknownSteps.has(step)) return;
      step.settlement = settlement;
      this.settledSteps.push(step);
      if (!this.inTransition) this.takeOverSettled();
    });
  }

  /** Takes over what unknown callbacks have done, those that have settled by now. */
  takeOverSettled(): void {
    for (const step of this.settledSteps.splice(0)) {
      if (!this.unknownSteps.delete(step)) continue;
      this.settledCount++;
      if (step.settlement?.kind === 'returned') this.apply(step);
      this.onSettledLate(step, step.settlement!);
    }
    if (!this.inTransition) this.assess();
  }

  /**
   * What no step may touch because the outcome of another is unknown, or
   * because it failed before.
   */
  blockedTargets(failedBefore: Iterable<FailedStep> = []): BlockedTargets {
    const blocked = new BlockedTargets();
    for (const { participant, callback, target } of failedBefore) {
      if (target === null || isAnnouncement(callback)) {
        blocked.blockStep(participant, callback, target);
      } else {
        const heldIn = this.heldIn(participant, target.name);
        blocked.block(participant, target, heldIn);
      }
    }
    for (const { participant, target } of this.unknownSteps) {
      if (target === null) blocked.block(participant, null);
      else blocked.block('all', target, this.heldIn(participant, target.name));
    }
    return blocked;
  }

  /** The group in which a participant has a volume. */
  heldIn(participant: number, volumeName: string): string | undefined {
    return this.current[participant]?.held.volumes.get(volumeName)?.groupName;
  }

  /**
   * Unknown callbacks for a volume, or for a group that it is in or belongs in,
   * are taken as not done, whatever they do later.
   */
  forgetUnknown(volumeName: string): void {
    const groups = new Set(
      [...this.current.map(({ held }) => held), this.wanted].map(
        (holdings) => holdings?.volumes.get(volumeName)?.groupName,
      ),
    );
    for (const step of this.unknownSteps) {
      const { target } = step;
      if (target === null) continue;
      const concerned = isVolume(target)
        ? target.name === volumeName
        : groups.has(target.name);
      if (concerned) this.unknownSteps.delete(step);
    }
  }

  /** Volumes that were set aside by another generation than this are no longer. */
  keepFailuresOf(generation: number): void {
    for (const [name, failure] of this.failures) {
      if (failure.generation !== generation) this.failures.delete(name);
    }
  }

  /** Whether any participant has the volume, or may have it. */
  knows(volumeName: string): boolean {
    return (
      this.current.some(({ held }) => held.volumes.has(volumeName)) ||
      this.unknown.some(({ target }) => target?.name === volumeName)
    );
  }

  private apply({ participant, callback, target }: UnknownStep): void {
    this.current = this.current.map((state, index) =>
      index === participant ? applyStep(state, callback, target) : state,
    );
  }

  /** A participant that came to what is wanted by detours shares the very object again. */
  private shareWanted(wanted: Holdings): void {
    this.current = this.current.map((state) =>
      state.held !== wanted && isEmptyDelta(computeDelta(state.held, wanted))
        ? { ...state, held: wanted }
        : state,
    );
  }

  /** What was set aside and is as wanted by now is so no longer. */
  private assess(): void {
    if (this.wanted === undefined) {
      this.deviates = false;
      return;
    }
    this.shareWanted(this.wanted);
    const deviation = new Deviation(this.current, this.wanted);
    for (const name of this.failures.keys()) {
      if (!deviation.concerns(name)) this.failures.delete(name);
    }
    this.deviates = deviation.isMoreThan(this.failures.keys());
  }
}
