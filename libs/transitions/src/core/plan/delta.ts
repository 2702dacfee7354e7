import { InStep } from '../configuration/in-step.js';
import type { Holdings, Volume, VolumeGroup } from '../model/topology.js';
import { withoutSharedLists } from '../configuration/volume-table.js';

/**
 * The difference between what is held and what is wanted. Created, moved and
 * changed records and `toServe` are those wanted, in their order; destroyed
 * records and `toUnserve` are those held, in theirs.
 */
export interface TopologyDelta {
  readonly groups: {
    readonly created: readonly VolumeGroup[];
    /** Another primary peer. */
    readonly moved: readonly VolumeGroup[];
    /** The same primary peer, another address or another option but `VolumeList`. */
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
  /** Served so far, and destroyed, moved or with a primary elsewhere now. */
  readonly toUnserve: readonly Volume[];
  /** Served from now on, and not so far, or moved between groups. */
  readonly toServe: readonly Volume[];
}

/**
 * Computes what has to change to get from one to the other. Pure, linear, and
 * at once when both are the same object. Records that are the same object are
 * taken as equal without a look.
 */
export function computeDelta(from: Holdings, to: Holdings): TopologyDelta {
  return from === to
    ? { groups: noneOf(), volumes: noneOf(), toUnserve: [], toServe: [] }
    : { groups: compareGroups(from, to), ...compareVolumes(from, to) };
}

/** Whether there is nothing to do. */
export function isEmptyDelta(delta: TopologyDelta): boolean {
  return (
    delta.toServe.length === 0 &&
    delta.toUnserve.length === 0 &&
    [delta.groups, delta.volumes].every((sets) =>
      Object.values(sets).every((set) => set.length === 0),
    )
  );
}

function compareGroups(from: Holdings, to: Holdings): TopologyDelta['groups'] {
  const groups = noneOf<VolumeGroup>();
  for (const wanted of to.groups.values()) {
    const held = from.groups.get(wanted.name);
    if (held === wanted) continue;
    if (held === undefined) groups.created.push(wanted);
    else if (held.primaryPeer !== wanted.primaryPeer) groups.moved.push(wanted);
    else if (!sameGroupOptions(held, wanted)) groups.changed.push(wanted);
  }
  for (const held of from.groups.values()) {
    if (!to.groups.has(held.name)) groups.destroyed.push(held);
  }
  return groups;
}

function compareVolumes(
  from: Holdings,
  to: Holdings,
): Omit<TopologyDelta, 'groups'> {
  const [held, wanted] = withoutSharedLists(from.volumes, to.volumes);
  // A boot and a Down: nothing to compare with.
  if (held.length === 0) {
    const volumes = { ...noneOf<Volume>(), created: wanted };
    return { volumes, toServe: wanted.filter(isServed), toUnserve: [] };
  }
  if (wanted.length === 0) {
    const volumes = { ...noneOf<Volume>(), destroyed: held };
    return { volumes, toServe: [], toUnserve: held.filter(isServed) };
  }
  return compareLists(held, wanted);
}

function compareLists(
  from: readonly Volume[],
  to: readonly Volume[],
): Omit<TopologyDelta, 'groups'> {
  const volumes = noneOf<Volume>();
  const toServe: Volume[] = [];
  const toUnserve: Volume[] = [];
  const volumesHeld = new InStep(from);
  for (const wanted of to) {
    const held = volumesHeld.find(wanted.name);
    if (held === wanted) continue;
    if (held === undefined) {
      volumes.created.push(wanted);
      if (wanted.served) toServe.push(wanted);
      continue;
    }
    const moved = held.groupName !== wanted.groupName;
    if (moved) volumes.moved.push(wanted);
    else if (!sameVolumeOptions(held, wanted)) volumes.changed.push(wanted);
    if (wanted.served && (moved || !held.served)) toServe.push(wanted);
  }
  const volumesWanted = new InStep(to);
  for (const held of from) {
    const wanted = volumesWanted.find(held.name);
    if (held === wanted) continue;
    if (wanted === undefined) volumes.destroyed.push(held);
    if (!held.served) continue;
    if (!wanted?.served || wanted.groupName !== held.groupName) {
      toUnserve.push(held);
    }
  }
  return { volumes, toServe, toUnserve };
}

function noneOf<T>() {
  return {
    created: [] as T[],
    moved: [] as T[],
    changed: [] as T[],
    destroyed: [] as T[],
  };
}

function isServed({ served }: Volume): boolean {
  return served;
}

function sameGroupOptions(held: VolumeGroup, wanted: VolumeGroup): boolean {
  if (held.section === wanted.section) return true;
  const ofHeld = new Set(held.section.options()).add('VolumeList');
  const ofWanted = new Set(wanted.section.options()).add('VolumeList');
  if (ofHeld.size !== ofWanted.size) return false;
  for (const option of ofHeld) {
    if (option === 'VolumeList') continue;
    if (!sameValues(held.section.get(option), wanted.section.get(option))) {
      return false;
    }
  }
  return true;
}

function sameVolumeOptions(held: Volume, wanted: Volume): boolean {
  if (held.section === wanted.section) return true;
  if (held.section === undefined || wanted.section === undefined) return false;
  return held.section.equals(wanted.section);
}

function sameValues(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((value, index) => value === b[index]);
}
