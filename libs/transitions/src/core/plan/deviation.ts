import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import { differenceOf, isSameVolume } from './difference.js';
import type { SlicedWork } from '../time/slices.js';
import { groupsOf, rebasing } from './holdings.js';

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
  /** What they hold, each once. */
  private readonly held: readonly Holdings[];

  private constructor(
    states: readonly ParticipantState[],
    private readonly wanted: Holdings,
  ) {
    this.ofParticipant = states.some(
      ({ up, awaitsFinish, finishFailed }) =>
        !up || awaitsFinish || finishFailed,
    );
    this.held = [...new Set(states.map(({ held }) => held))];
    for (const { leaving } of states) addAll(this.volumes, leaving);
  }

  /** Compares what the participants hold with what is wanted, as work that can be sliced. */
  static *comparing(
    states: readonly ParticipantState[],
    wanted: Holdings,
  ): SlicedWork<Deviation> {
    const deviation = new Deviation(states, wanted);
    for (const held of deviation.held) {
      const { groupChanges, volumeChanges } = differenceOf(
        yield* rebasing(held, wanted),
      );
      addAll(deviation.groups, groupChanges.keys());
      addAll(deviation.volumes, volumeChanges.keys());
    }
    return deviation;
  }

  /**
   * Whether a volume, or a group that it is or should be in, differs from what
   * is wanted.
   */
  concernsVolume(name: string): boolean {
    if (this.volumes.has(name)) return true;
    return (
      this.groups.size > 0 &&
      this.homesOf(name).some((group) => this.groups.has(group))
    );
  }

  /** Whether a group differs from what is wanted. */
  concernsGroup(name: string): boolean {
    return this.groups.has(name);
  }

  /**
   * Whether anything differs other than what is excused, and the groups of
   * excused volumes. As work that can be sliced.
   */
  *isBeyond({ volumes, groups }: Excused): SlicedWork<boolean> {
    if (this.ofParticipant) return true;
    let names = 0;
    for (const name of this.volumes) {
      if (++names % 256 === 0) yield;
      if (!volumes.has(name)) return true;
    }
    const others = new Set(
      [...this.groups].filter((name) => !groups.has(name)),
    );
    if (others.size === 0) return false;
    for (const name of volumes) {
      if (++names % 64 === 0) yield;
      for (const group of this.homesOf(name)) others.delete(group);
    }
    return others.size > 0;
  }

  /** Whether any participant serves a volume. */
  isServed(volumeName: string): boolean {
    return this.held.some(
      ({ volumes }) => volumes.get(volumeName)?.served === true,
    );
  }

  /**
   * Those of the volumes that are set aside which are really out of the way. One
   * is if no participant serves it, or if this peer is to serve it and all
   * participants serve it alike. It is not if only some of them serve it, or if
   * it is another peer's. As work that can be sliced.
   *
   * @param others - these count as out of the way, however they are held
   */
  *outOfTheWay(
    volumeNames: Iterable<string>,
    others: Iterable<string>,
  ): SlicedWork<ReadonlySet<string>> {
    const out = new Set<string>();
    let names = 0;
    for (const name of others) {
      if (++names % 64 === 0) yield;
      out.add(name);
    }
    for (const name of volumeNames) {
      if (++names % 64 === 0) yield;
      if (this.isOutOfTheWay(name)) out.add(name);
    }
    return out;
  }

  private isOutOfTheWay(volumeName: string): boolean {
    const held = this.held.map(({ volumes }) => volumes.get(volumeName));
    if (!held.some((volume) => volume?.served)) return true;
    if (this.wanted.volumes.get(volumeName)?.served !== true) return false;
    return held.every((volume) => isSameVolume(volume, held[0]));
  }

  /** The groups in which a volume is, or is wanted. */
  private homesOf(volumeName: string): readonly string[] {
    return [...groupsOf(volumeName, [this.wanted, ...this.held])];
  }
}

function addAll(into: Set<string>, names: Iterable<string>): void {
  for (const name of names) into.add(name);
}
