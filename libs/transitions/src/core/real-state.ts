import { BlockedTargets } from './blocked-targets.js';
import type { OverdueStep } from './execution.js';
import type { Journal } from './journal.js';
import {
  initialState,
  type Participant,
  type ParticipantState,
} from './participant.js';
import type { VolumeFailure } from './report.js';
import type { Settlement } from './step-in-flight.js';
import { applyStep } from './state.js';
import type { Holdings, Volume } from './topology.js';

/**
 * What has really happened: what each participant holds, which callbacks are
 * overdue, which volumes are set aside. The only state there is from which
 * plans are made.
 */
export class RealState {
  private current: readonly ParticipantState[];
  private readonly overdueSteps = new Set<OverdueStep>();
  /** Volumes set aside, by name. */
  readonly failures = new Map<string, VolumeFailure>();
  /** A transition left something undone that the configuration in force asks for. */
  incomplete = false;

  constructor(
    readonly participants: readonly Participant[],
    private readonly onSettledLate: (
      step: OverdueStep,
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
  get overdue(): readonly OverdueStep[] {
    return [...this.overdueSteps];
  }

  get isDegraded(): boolean {
    return this.incomplete || this.overdueSteps.size > 0;
  }

  /** Takes over what was done of a plan that was to lead to `wanted`. */
  commit(journal: Journal, wanted: readonly Holdings[]): void {
    this.current = journal.commit(this.current, wanted);
  }

  addOverdue(step: OverdueStep): void {
    this.overdueSteps.add(step);
    void step.settled.then((settlement) => {
      if (!this.overdueSteps.delete(step)) return;
      if (settlement.kind === 'returned') {
        this.current = this.current.map((state, index) =>
          index === step.participant
            ? applyStep(state, step.callback, step.target)
            : state,
        );
      }
      this.onSettledLate(step, settlement);
    });
  }

  /**
   * What no step may touch because the outcome of another is unknown, or
   * because it failed before.
   */
  blockedTargets(failedBefore?: Journal): BlockedTargets {
    const blocked = new BlockedTargets();
    for (const { participant, target } of failedBefore?.failedSteps() ?? []) {
      if (target === null) continue;
      const heldIn = this.heldIn(participant, target.name);
      blocked.block(participant, target, heldIn);
    }
    for (const { participant, target } of this.overdueSteps) {
      if (target === null) blocked.block(participant, null);
      else blocked.block('all', target, this.heldIn(participant, target.name));
    }
    return blocked;
  }

  heldIn(participant: number, volumeName: string): string | undefined {
    return this.current[participant]?.held.volumes.get(volumeName)?.groupName;
  }

  /**
   * What is recorded against a volume no longer counts: its overdue callbacks
   * are taken as not done, whatever they do later.
   */
  forget(volumeName: string): void {
    this.failures.delete(volumeName);
    for (const step of this.overdueSteps) {
      const { target } = step;
      if (target?.name === volumeName && 'groupName' in target) {
        this.overdueSteps.delete(step);
      }
    }
  }

  /** Volumes that were set aside by another generation than this are no longer. */
  keepFailuresOf(generation: number): void {
    for (const [name, failure] of this.failures) {
      if (failure.generation !== generation) this.failures.delete(name);
    }
  }

  /** Whether any participant has the volume. */
  holds(volumeName: string): boolean {
    return this.current.some(({ held }) => held.volumes.has(volumeName));
  }
}

/** The same holdings but for some volumes, which are no longer served. */
export function withoutServing(
  holdings: Holdings,
  volumeNames: ReadonlySet<string>,
): Holdings {
  const volumes = new Map(holdings.volumes);
  for (const name of volumeNames) {
    const volume = volumes.get(name);
    if (volume?.served) volumes.set(name, { ...volume, served: false });
  }
  return { groups: holdings.groups, volumes };
}

/** The volumes that holdings have in a group. */
export function volumesIn(
  holdings: Holdings,
  volumeGroupName: string,
): Volume[] {
  return [...holdings.volumes.values()].filter(
    ({ groupName }) => groupName === volumeGroupName,
  );
}

/** The same holdings, but with one volume, and its group, as a topology has them. */
export function withVolumeOf(
  holdings: Holdings,
  topology: Holdings,
  volumeName: string,
): Holdings {
  const wanted = topology.volumes.get(volumeName);
  const volumes = new Map(holdings.volumes);
  if (wanted === undefined) {
    volumes.delete(volumeName);
    return { groups: holdings.groups, volumes };
  }
  volumes.set(volumeName, wanted);
  const group = topology.groups.get(wanted.groupName);
  if (group === undefined) return { groups: holdings.groups, volumes };
  return { groups: new Map(holdings.groups).set(group.name, group), volumes };
}
