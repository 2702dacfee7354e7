import type { ChangeSet } from '../model/callback-table.js';
import type { Volume, VolumeGroup } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';
import { sameGroupOptions, sameVolumeOptions } from './same-options.js';

/**
 * The difference between what is held and what is wanted. What is created,
 * moved, changed or in `toServe` are the wanted records, in their order. What
 * is destroyed or in `toUnserve` are the held records, in theirs.
 */
export interface TopologyDelta {
  readonly groups: {
    readonly created: readonly VolumeGroup[];
    /** Another primary peer. */
    readonly moved: readonly VolumeGroup[];
    /**
     * The same primary peer, another address or another option than
     * `VolumeList`.
     */
    readonly changed: readonly VolumeGroup[];
    readonly destroyed: readonly VolumeGroup[];
  };
  readonly volumes: {
    readonly created: readonly Volume[];
    /** Another group. */
    readonly moved: readonly Volume[];
    /** The same group, another option in its own section. */
    readonly changed: readonly Volume[];
    readonly destroyed: readonly Volume[];
  };
  /** Served until now, and destroyed, moved or given to another peer. */
  readonly toUnserve: readonly Volume[];
  /** Served from now on: not served until now, or moved between groups. */
  readonly toServe: readonly Volume[];
}

/** All the sets of a delta. */
export function setsOf({
  groups,
  volumes,
  toServe,
  toUnserve,
}: TopologyDelta): (readonly (VolumeGroup | Volume)[])[] {
  return [
    ...Object.values(groups),
    ...Object.values(volumes),
    toServe,
    toUnserve,
  ];
}

/** The groups or volumes that are in one set of a delta. */
export function targetsIn(
  { groups, volumes, toServe, toUnserve }: TopologyDelta,
  set: ChangeSet,
): readonly (VolumeGroup | Volume)[] {
  switch (set) {
    case 'groupsCreated':
      return groups.created;
    case 'groupsMoved':
      return groups.moved;
    case 'groupsChanged':
      return groups.changed;
    case 'groupsDestroyed':
      return groups.destroyed;
    case 'volumesCreated':
      return volumes.created;
    case 'volumesMoved':
      return volumes.moved;
    case 'volumesChanged':
      return volumes.changed;
    case 'volumesDestroyed':
      return volumes.destroyed;
    case 'volumesServed':
      return toServe;
    case 'volumesUnserved':
      return toUnserve;
  }
}

/** A delta while records are compared. */
export class DeltaDraft implements TopologyDelta {
  groups = {
    created: [] as VolumeGroup[],
    moved: [] as VolumeGroup[],
    changed: [] as VolumeGroup[],
    destroyed: [] as VolumeGroup[],
  };
  volumes = {
    created: [] as readonly Volume[],
    moved: [] as Volume[],
    changed: [] as Volume[],
    destroyed: [] as readonly Volume[],
  };
  toServe: Volume[] = [];
  toUnserve: Volume[] = [];

  /** A copy of a delta, less what has some names, as work that can be sliced. */
  static *without(
    { groups, volumes, toServe, toUnserve }: TopologyDelta,
    groupNames: ReadonlySet<string>,
    volumeNames: ReadonlySet<string>,
  ): SlicedWork<DeltaDraft> {
    const draft = new DeltaDraft();
    draft.groups = {
      created: yield* others(groups.created, groupNames),
      moved: yield* others(groups.moved, groupNames),
      changed: yield* others(groups.changed, groupNames),
      destroyed: yield* others(groups.destroyed, groupNames),
    };
    draft.volumes = {
      created: yield* others(volumes.created, volumeNames),
      moved: yield* others(volumes.moved, volumeNames),
      changed: yield* others(volumes.changed, volumeNames),
      destroyed: yield* others(volumes.destroyed, volumeNames),
    };
    draft.toServe = yield* others(toServe, volumeNames);
    draft.toUnserve = yield* others(toUnserve, volumeNames);
    return draft;
  }

  compareGroup(
    held: VolumeGroup | undefined,
    wanted: VolumeGroup | undefined,
  ): void {
    const { created, moved, changed, destroyed } = this.groups;
    if (held === wanted) return;
    if (wanted === undefined) destroyed.push(held!);
    else if (held === undefined) created.push(wanted);
    else if (held.primaryPeer !== wanted.primaryPeer) moved.push(wanted);
    else if (!sameGroupOptions(held, wanted)) changed.push(wanted);
  }

  compareVolume(held: Volume | undefined, wanted: Volume | undefined): void {
    this.compareWanted(held, wanted);
    this.compareHeld(held, wanted);
  }

  /** What has to be done for a volume because it is wanted. */
  compareWanted(held: Volume | undefined, wanted: Volume | undefined): void {
    if (held === wanted || wanted === undefined) return;
    const { created, moved, changed } = this.volumes;
    if (held === undefined) {
      (created as Volume[]).push(wanted);
      if (wanted.served) this.toServe.push(wanted);
      return;
    }
    const hasMoved = held.groupName !== wanted.groupName;
    if (hasMoved) moved.push(wanted);
    else if (!sameVolumeOptions(held, wanted)) changed.push(wanted);
    if (wanted.served && (hasMoved || !held.served)) this.toServe.push(wanted);
  }

  /** What has to be done for a volume because it is held. */
  compareHeld(held: Volume | undefined, wanted: Volume | undefined): void {
    if (held === wanted || held === undefined) return;
    if (wanted === undefined) (this.volumes.destroyed as Volume[]).push(held);
    if (!held.served) return;
    if (!wanted?.served || wanted.groupName !== held.groupName) {
      this.toUnserve.push(held);
    }
  }
}

function* others<T extends { readonly name: string }>(
  records: readonly T[],
  names: ReadonlySet<string>,
): SlicedWork<T[]> {
  const left: T[] = [];
  for (let at = 0; at < records.length; at++) {
    if (at % 256 === 0) yield;
    if (!names.has(records[at]!.name)) left.push(records[at]!);
  }
  return left;
}
