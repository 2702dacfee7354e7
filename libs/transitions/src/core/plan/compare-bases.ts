import { InStep } from '../configuration/in-step.js';
import { notShared } from '../configuration/volume-table.js';
import type { Holdings, Volume } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';
import { DeltaDraft, type TopologyDelta } from './delta-draft.js';
import { orderIn, ordering } from './order.js';

const recordsBetweenYields = 256;

/** The deltas between bases that were compared so far. */
export type ComparedBases = Map<Holdings, Map<Holdings, TopologyDelta>>;

/**
 * Compares two bases list by list, in the order that both have in common; each
 * pair once, and the way back by what differed on the way there.
 */
export function* comparingBases(
  from: Holdings,
  to: Holdings,
  compared: ComparedBases,
): SlicedWork<TopologyDelta> {
  let others = compared.get(from);
  if (others === undefined) compared.set(from, (others = new Map()));
  const known = others.get(to);
  if (known !== undefined) return known;
  const way = compared.get(to)?.get(from);
  const delta =
    way === undefined
      ? yield* comparingAll(from, to)
      : yield* comparingBack(to, way);
  others.set(to, delta);
  return delta;
}

function* comparingAll(
  from: Holdings,
  to: Holdings,
): SlicedWork<TopologyDelta> {
  const draft = new DeltaDraft();
  if (from !== to) {
    yield* compareGroups(from, to, draft);
    yield* compareVolumes(from, to, draft);
  }
  return draft;
}

/**
 * The way back does the opposite to the same records. Only of what has moved or
 * changed are the records others, which are looked up.
 */
function* comparingBack(
  to: Holdings,
  { groups, volumes, toServe, toUnserve }: TopologyDelta,
): SlicedWork<TopologyDelta> {
  return {
    groups: {
      created: groups.destroyed,
      moved: yield* recordsOf(groups.moved, to.groups),
      changed: yield* recordsOf(groups.changed, to.groups),
      destroyed: groups.created,
    },
    volumes: {
      created: volumes.destroyed,
      moved: yield* recordsOf(volumes.moved, to.volumes),
      changed: yield* recordsOf(volumes.changed, to.volumes),
      destroyed: volumes.created,
    },
    toServe: toUnserve,
    toUnserve: toServe,
  };
}

/** What a table has instead of some records, in its order. */
function* recordsOf<T extends { readonly name: string }>(
  records: readonly T[],
  table: ReadonlyMap<string, T>,
): SlicedWork<readonly T[]> {
  const others: T[] = [];
  for (let at = 0; at < records.length; at++) {
    if (at % recordsBetweenYields === 0) yield;
    others.push(table.get(records[at]!.name)!);
  }
  return yield* ordering(others, orderIn(table));
}

function* compareGroups(
  from: Holdings,
  to: Holdings,
  draft: DeltaDraft,
): SlicedWork<void> {
  let compared = 0;
  for (const wanted of to.groups.values()) {
    if (++compared % recordsBetweenYields === 0) yield;
    draft.compareGroup(from.groups.get(wanted.name), wanted);
  }
  for (const held of from.groups.values()) {
    if (++compared % recordsBetweenYields === 0) yield;
    if (!to.groups.has(held.name)) draft.compareGroup(held, undefined);
  }
}

function* compareVolumes(
  from: Holdings,
  to: Holdings,
  draft: DeltaDraft,
): SlicedWork<void> {
  const held = yield* notShared(from.volumes, to.volumes);
  const wanted = yield* notShared(to.volumes, from.volumes);
  // In a boot and in a Down there is nothing to compare with.
  if (held.length === 0) {
    draft.volumes.created = wanted;
    yield* collectServed(wanted, draft.toServe);
  } else if (wanted.length === 0) {
    draft.volumes.destroyed = held;
    yield* collectServed(held, draft.toUnserve);
  } else yield* compareLists(held, wanted, draft);
}

function* collectServed(
  volumes: readonly Volume[],
  served: Volume[],
): SlicedWork<void> {
  for (let at = 0; at < volumes.length; at++) {
    if (at % recordsBetweenYields === 0) yield;
    if (volumes[at]!.served) served.push(volumes[at]!);
  }
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
