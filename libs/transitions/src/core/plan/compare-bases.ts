import { InStep } from '../configuration/in-step.js';
import { notShared } from '../configuration/volume-table.js';
import type { Holdings, Volume } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';
import { isVolume } from '../model/step.js';
import { DeltaDraft, setsOf, type TopologyDelta } from './delta-draft.js';
import { orderingSets } from './order-sets.js';

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
      : yield* comparingBack(from, to, way);
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

/** On the way back only what differed on the way there is looked at. */
function* comparingBack(
  from: Holdings,
  to: Holdings,
  way: TopologyDelta,
): SlicedWork<TopologyDelta> {
  const draft = new DeltaDraft();
  const seen = new Set<string>();
  let compared = 0;
  for (const set of setsOf(way)) {
    for (const target of set) {
      if (++compared % recordsBetweenYields === 0) yield;
      const { name } = target;
      const key = `${isVolume(target)} ${name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (isVolume(target)) {
        draft.compareVolume(from.volumes.get(name), to.volumes.get(name));
      } else draft.compareGroup(from.groups.get(name), to.groups.get(name));
    }
  }
  return yield* orderingSets(draft, from, to);
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
