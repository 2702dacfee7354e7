import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import { differenceOf, isSameVolume } from './difference.js';
import { groupsOf, rebased } from './holdings.js';

/** Volumes and groups, by name, whose difference from what is wanted is accounted for. */
export interface Excused {
  readonly volumes: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** In what the participants differ from what is wanted of them. */
export class Deviation {
  /** One of them is not up, or is owed a signaledFinish, or failed in its last one. */
  readonly ofParticipant: boolean;
  private readonly volumes = new Set<string>();
  private readonly groups = new Set<string>();
  /** The groups in which volumes are, or are wanted. */
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

  /** Whether a volume, or a group that it is or belongs in, is otherwise than wanted. */
  concernsVolume(name: string): boolean {
    if (this.volumes.has(name)) return true;
    return [...groupsOf(name, this.places)].some((group) =>
      this.groups.has(group),
    );
  }

  /** Whether a group is otherwise than wanted. */
  concernsGroup(name: string): boolean {
    return this.groups.has(name);
  }

  /** Whether anything is otherwise than wanted, but for what is excused and the groups of that. */
  isBeyond({ volumes, groups }: Excused): boolean {
    if (this.ofParticipant) return true;
    const alsoGroups = new Set(groups);
    for (const name of volumes) addAll(alsoGroups, groupsOf(name, this.places));
    return (
      [...this.volumes].some((name) => !volumes.has(name)) ||
      [...this.groups].some((name) => !alsoGroups.has(name))
    );
  }

  /**
   * Whether a volume that is set aside is really out of the way: no participant
   * serves it, or it is to be served here and all of them serve it in the same
   * way. What only some of them serve, or what is another peer's, is not.
   */
  isOutOfTheWay(volumeName: string): boolean {
    const held = this.states.map((state) => state.held.volumes.get(volumeName));
    if (!held.some((volume) => volume?.served)) return true;
    if (this.wanted.volumes.get(volumeName)?.served !== true) return false;
    return held.every((volume) => isSameVolume(volume, held[0]));
  }
}

function addAll(into: Set<string>, names: Iterable<string>): void {
  for (const name of names) into.add(name);
}
