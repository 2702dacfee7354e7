import { InStep } from '../configuration/in-step.js';
import { withoutSharedLists } from '../configuration/volume-table.js';
import type { ChangeSet } from '../model/callback-table.js';
import type { Holdings, Volume, VolumeGroup } from '../model/topology.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import { sameGroupOptions, sameVolumeOptions } from './same-options.js';
import { differenceOf } from './difference.js';
import { inOrderOfNames } from './order.js';

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

/**
 * Computes what has to change to get from one to the other. Pure. At worst it
 * looks at every record once, but as a rule it compares much less:
 * - nothing, if both are the same object;
 * - no records that are the same object on both sides, and no lists of volumes
 *   that are (see VolumeTable);
 * - only what differs from the base, if both have the same base (see
 *   Difference).
 *
 * What differs from a base is compared by name. Everything else is compared
 * list by list, in the order that both sides have in common (see InStep).
 */
export function computeDelta(from: Holdings, to: Holdings): TopologyDelta {
  return doAtOnce(computingDelta(from, to));
}

/** {@link computeDelta} as work that can be sliced. */
export function* computingDelta(
  from: Holdings,
  to: Holdings,
): SlicedWork<TopologyDelta> {
  const draft = new DeltaDraft();
  if (from === to) return draft;
  const [held, wanted] = [differenceOf(from), differenceOf(to)];
  const groupNames = namesOf(held.groupChanges, wanted.groupChanges);
  const volumeNames = namesOf(held.volumeChanges, wanted.volumeChanges);
  if (held.base !== wanted.base) {
    yield* compareGroups(held.base, wanted.base, groupNames, draft);
    yield* compareVolumes(held.base, wanted.base, volumeNames, draft);
  }
  for (const name of groupNames) {
    draft.compareGroup(from.groups.get(name), to.groups.get(name));
  }
  let compared = 0;
  for (const name of volumeNames) {
    if (++compared % recordsBetweenYields === 0) yield;
    draft.compareVolume(from.volumes.get(name), to.volumes.get(name));
  }
  const differs = groupNames.size > 0 || volumeNames.size > 0;
  return differs ? sorted(draft, from, to) : draft;
}

/** Whether a delta is empty. */
export function isEmptyDelta(delta: TopologyDelta): boolean {
  return setsOf(delta).every((set) => set.length === 0);
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

const recordsBetweenYields = 256;

class DeltaDraft implements TopologyDelta {
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

function* compareGroups(
  from: Holdings,
  to: Holdings,
  except: ReadonlySet<string>,
  draft: DeltaDraft,
): SlicedWork<void> {
  let compared = 0;
  for (const wanted of to.groups.values()) {
    if (++compared % recordsBetweenYields === 0) yield;
    const held = from.groups.get(wanted.name);
    if (held === wanted || except.has(wanted.name)) continue;
    draft.compareGroup(held, wanted);
  }
  for (const held of from.groups.values()) {
    if (++compared % recordsBetweenYields === 0) yield;
    if (to.groups.has(held.name) || except.has(held.name)) continue;
    draft.compareGroup(held, undefined);
  }
}

function* compareVolumes(
  from: Holdings,
  to: Holdings,
  except: ReadonlySet<string>,
  draft: DeltaDraft,
): SlicedWork<void> {
  const [held, wanted] = withoutSharedLists(from.volumes, to.volumes).map(
    (volumes) => without(volumes, except),
  ) as [readonly Volume[], readonly Volume[]];
  yield;
  // In a boot and in a Down there is nothing to compare with.
  if (held.length === 0) {
    draft.volumes.created = wanted;
    draft.toServe = wanted.filter(isServed);
  } else if (wanted.length === 0) {
    draft.volumes.destroyed = held;
    draft.toUnserve = held.filter(isServed);
  } else yield* compareLists(held, wanted, draft);
  if (except.size === 0) return;
  // More is added to these later, and the lists may belong to a table.
  draft.volumes.created = [...draft.volumes.created];
  draft.volumes.destroyed = [...draft.volumes.destroyed];
}

function* compareLists(
  from: readonly Volume[],
  to: readonly Volume[],
  draft: DeltaDraft,
): SlicedWork<void> {
  const volumesHeld = new InStep(from);
  for (let at = 0; at < to.length; at++) {
    if (at % recordsBetweenYields === 0) yield;
    draft.compareWanted(volumesHeld.find(to[at]!.name), to[at]);
  }
  const volumesWanted = new InStep(to);
  for (let at = 0; at < from.length; at++) {
    if (at % recordsBetweenYields === 0) yield;
    draft.compareHeld(from[at], volumesWanted.find(from[at]!.name));
  }
}

function without(
  volumes: readonly Volume[],
  except: ReadonlySet<string>,
): readonly Volume[] {
  if (except.size === 0) return volumes;
  return volumes.filter(({ name }) => !except.has(name));
}

function namesOf(
  one: ReadonlyMap<string, unknown>,
  other: ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  return new Set([...one.keys(), ...other.keys()]);
}

function isServed({ served }: Volume): boolean {
  return served;
}

/** The delta, with all sets in the order of some holdings. */
export function inOrderOf(
  order: Holdings,
  delta: TopologyDelta,
): TopologyDelta {
  return sorted(delta, order, order);
}

/**
 * The delta, with each set in the order of what is held or of what is wanted.
 */
function sorted(
  { groups, volumes, toServe, toUnserve }: TopologyDelta,
  from: Holdings,
  to: Holdings,
): TopologyDelta {
  return {
    groups: {
      created: inOrderOfNames(groups.created, to.groups),
      moved: inOrderOfNames(groups.moved, to.groups),
      changed: inOrderOfNames(groups.changed, to.groups),
      destroyed: inOrderOfNames(groups.destroyed, from.groups),
    },
    volumes: {
      created: inOrderOfNames(volumes.created, to.volumes),
      moved: inOrderOfNames(volumes.moved, to.volumes),
      changed: inOrderOfNames(volumes.changed, to.volumes),
      destroyed: inOrderOfNames(volumes.destroyed, from.volumes),
    },
    toServe: inOrderOfNames(toServe, to.volumes),
    toUnserve: inOrderOfNames(toUnserve, from.volumes),
  };
}
