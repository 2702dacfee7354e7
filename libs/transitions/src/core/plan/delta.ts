import type { Holdings } from '../model/topology.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import { comparingBases, type ComparedBases } from './compare-bases.js';
import { DeltaDraft, setsOf, type TopologyDelta } from './delta-draft.js';
import { differenceOf } from './difference.js';
import { orderingSets, orderOf, type HoldingsOrder } from './order-sets.js';

export { setsOf, targetsIn, type TopologyDelta } from './delta-draft.js';

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

/** What a delta may be told beside what is held and what is wanted. */
export interface DeltaOptions {
  /** Bases that were compared before, and are not again; those compared now are added. */
  readonly compared?: ComparedBases;
  /** Of all sets. Default: that of what is held and of what is wanted. */
  readonly order?: HoldingsOrder | undefined;
}

/** {@link computeDelta} as work that can be sliced. */
export function* computingDelta(
  from: Holdings,
  to: Holdings,
  { compared, order }: DeltaOptions = {},
): SlicedWork<TopologyDelta> {
  const delta = yield* comparing(from, to, compared);
  if (order !== undefined) return yield* orderingSets(delta, order, order);
  // Bases are compared in their order.
  if (differenceOf(from).base === from && differenceOf(to).base === to) {
    return delta;
  }
  return yield* orderingSets(delta, orderOf(from), orderOf(to));
}

/** The same, but what differs from a base comes last in each set, in no order. */
export function* comparing(
  from: Holdings,
  to: Holdings,
  compared: ComparedBases = new Map(),
): SlicedWork<TopologyDelta> {
  if (from === to) return new DeltaDraft();
  const [held, wanted] = [differenceOf(from), differenceOf(to)];
  const ofBases = yield* comparingBases(held.base, wanted.base, compared);
  const groupNames = namesOf(held.groupChanges, wanted.groupChanges);
  const volumeNames = namesOf(held.volumeChanges, wanted.volumeChanges);
  if (groupNames.size + volumeNames.size === 0) return ofBases;
  const draft = yield* DeltaDraft.without(ofBases, groupNames, volumeNames);
  let names = 0;
  for (const name of groupNames) {
    if (++names % 256 === 0) yield;
    draft.compareGroup(from.groups.get(name), to.groups.get(name));
  }
  for (const name of volumeNames) {
    if (++names % 256 === 0) yield;
    draft.compareVolume(from.volumes.get(name), to.volumes.get(name));
  }
  return draft;
}

/** Whether a delta is empty. */
export function isEmptyDelta(delta: TopologyDelta): boolean {
  return setsOf(delta).every((set) => set.length === 0);
}

function namesOf(
  one: ReadonlyMap<string, unknown>,
  other: ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  return new Set([...one.keys(), ...other.keys()]);
}
