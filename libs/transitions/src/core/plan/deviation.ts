import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import { differenceOf, isSameVolume } from './difference.js';
import { groupsOf, isServedIn, rebased } from './holdings.js';

/**
 * The names of volumes and groups that are known to differ from what is wanted.
 */
export interface Excused {
  readonly volumes: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** How what the participants hold differs from what is wanted. */
export class Deviation {
  /**
   * A participant is not up, or is owed a signaledFinish, or failed in its last
   * one.
   */
  readonly ofParticipant: boolean;
  private readonly volumes = new Set<string>();
  private readonly groups = new Set<string>();
  /** The holdings that say in which group a volume is, or is wanted. */
  private readonly places: readonly Holdings[];

  constructor(
    private readonly states: readonly ParticipantState[],
    private readonly wanted: Holdings,
  ) {
    this.ofParticipant = states.some(
      ({ up, awaitsFinish, finishFailed }) =>
        !up || awaitsFinish || finishFailed,
    );
    const distinct = new Set(states.map(({ held }) => held));
    this.places = [wanted, ...distinct];
    for (const held of distinct) {
      const { groupChanges, volumeChanges } = differenceOf(
        rebased(held, wanted),
      );
      addAll(this.groups, groupChanges.keys());
      addAll(this.volumes, volumeChanges.keys());
    }
    for (const { leaving } of states) addAll(this.volumes, leaving);
  }

  /**
   * Whether a volume, or a group that it is or should be in, differs from what
   * is wanted.
   */
  concernsVolume(name: string): boolean {
    if (this.volumes.has(name)) return true;
    return [...groupsOf(name, this.places)].some((group) =>
      this.groups.has(group),
    );
  }

  /** Whether a group differs from what is wanted. */
  concernsGroup(name: string): boolean {
    return this.groups.has(name);
  }

  /**
   * Whether anything differs other than what is excused, and the groups of
   * excused volumes.
   */
  isBeyond({ volumes, groups }: Excused): boolean {
    if (this.ofParticipant) return true;
    const alsoGroups = new Set(groups);
    for (const name of volumes) addAll(alsoGroups, groupsOf(name, this.places));
    return (
      [...this.volumes].some((name) => !volumes.has(name)) ||
      [...this.groups].some((name) => !alsoGroups.has(name))
    );
  }

  /** Whether any participant serves a volume. */
  isServed(volumeName: string): boolean {
    return isServedIn(this.states, volumeName);
  }

  /**
   * Those of the volumes that are set aside which are really out of the way. One
   * is if no participant serves it, or if this peer is to serve it and all
   * participants serve it alike. It is not if only some of them serve it, or if
   * it is another peer's.
   */
  outOfTheWay(volumeNames: Iterable<string>): ReadonlySet<string> {
    return new Set([...volumeNames].filter((name) => this.isOutOfTheWay(name)));
  }

  private isOutOfTheWay(volumeName: string): boolean {
    if (!this.isServed(volumeName)) return true;
    const held = this.states.map((state) => state.held.volumes.get(volumeName));
    if (this.wanted.volumes.get(volumeName)?.served !== true) return false;
    return held.every((volume) => isSameVolume(volume, held[0]));
  }
}

function addAll(into: Set<string>, names: Iterable<string>): void {
  for (const name of names) into.add(name);
}
