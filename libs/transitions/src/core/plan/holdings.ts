import { listOf } from '../configuration/volume-table.js';
import type { Holdings, Volume } from '../model/topology.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import { comparing, computingDelta, setsOf } from './delta.js';
import { differenceOf, HoldingsEdit } from './difference.js';
import { isVolume } from '../model/step.js';

/**
 * The same holdings, except that some volumes are not served, as work that can be
 * sliced.
 */
export function* unserving(
  holdings: Holdings,
  volumeNames: ReadonlySet<string>,
): SlicedWork<Holdings> {
  const edit = new HoldingsEdit(holdings);
  let names = 0;
  for (const name of volumeNames) {
    if (++names % 256 === 0) yield;
    const volume = edit.volume(name);
    if (volume?.served) edit.setVolume(name, { ...volume, served: false });
  }
  return edit.build();
}

/**
 * The same holdings, expressed as what differs from another base, and in the
 * order of that base. The base itself if nothing differs.
 */
export function rebased(holdings: Holdings, base: Holdings): Holdings {
  return doAtOnce(rebasing(holdings, base));
}

/** {@link rebased} as work that can be sliced. */
export function* rebasing(
  holdings: Holdings,
  base: Holdings,
): SlicedWork<Holdings> {
  if (holdings === base) return base;
  const edit = new HoldingsEdit(base);
  // What differs from the same base is in its order already.
  const delta =
    differenceOf(holdings).base === base
      ? yield* comparing(holdings, base)
      : yield* computingDelta(holdings, base);
  let names = 0;
  for (const set of setsOf(delta)) {
    for (const target of set) {
      if (++names % 256 === 0) yield;
      const { name } = target;
      if (isVolume(target)) edit.setVolume(name, holdings.volumes.get(name));
      else edit.setGroup(name, holdings.groups.get(name));
    }
  }
  return edit.build();
}

/**
 * The names of the volumes that are served in any of these holdings, as work that can
 * be sliced.
 */
export function* findingServed(
  places: readonly Holdings[],
): SlicedWork<ReadonlySet<string>> {
  const served = new Set<string>();
  let looked = 0;
  for (const { volumes } of new Set(places)) {
    for (const volume of volumes.values()) {
      if (++looked % 256 === 0) yield;
      if (volume.served) served.add(volume.name);
    }
  }
  return served;
}

/** Whether any of these states serves a volume. */
export function isServedIn(
  states: readonly { readonly held: Holdings }[],
  volumeName: string,
): boolean {
  return states.some(
    ({ held }) => held.volumes.get(volumeName)?.served === true,
  );
}

/** The volumes of a group in these holdings. */
export function volumesIn(
  holdings: Holdings,
  volumeGroupName: string,
): Volume[] {
  const { base, volumeChanges } = differenceOf(holdings);
  const inBase = listOf(base.volumes, volumeGroupName) ?? [
    ...base.volumes.values(),
  ];
  return [
    ...inBase.filter(({ name }) => !volumeChanges.has(name)),
    ...volumeChanges.values(),
  ].filter((volume): volume is Volume => volume?.groupName === volumeGroupName);
}

/** Whether a group has volumes after the changes made so far. */
export function hasVolumesIn(
  edit: HoldingsEdit,
  volumeGroupName: string,
): boolean {
  return volumesIn(edit.build(), volumeGroupName).length > 0;
}

/** The groups in which any of these holdings have a volume. */
export function groupsOf(
  volumeName: string,
  places: readonly Holdings[],
): ReadonlySet<string> {
  return new Set(
    places.flatMap(({ volumes }) => volumes.get(volumeName)?.groupName ?? []),
  );
}

/** Names of groups and of volumes. */
export interface Names {
  readonly groups: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
}

/**
 * Some names, and those of the groups in which any of these holdings have one of
 * the volumes, as work that can be sliced.
 */
export function* findingHomes(
  { groups, volumes }: Names,
  places: readonly Holdings[],
): SlicedWork<Names> {
  const around = new Set(groups);
  let names = 0;
  for (const name of volumes) {
    if (++names % 64 === 0) yield;
    for (const place of places) {
      const home = place.volumes.get(name)?.groupName;
      if (home !== undefined) around.add(home);
    }
  }
  return { groups: around, volumes };
}

/**
 * The same holdings, but with some groups, some volumes, and the groups that
 * those belong to, as in a topology. A group that the topology does not have stays
 * as long as it has any other volume.
 *
 * `around` are the names with the groups in which anybody has the volumes: what is
 * left empty of them goes, also where the volumes have left it before. As work that
 * can be sliced.
 */
export function* adopting(
  holdings: Holdings,
  topology: Holdings,
  { groups, volumes }: Names,
  around: Names,
): SlicedWork<Holdings> {
  const edit = new HoldingsEdit(holdings);
  const takeGroup = (name: string): void => {
    const group = topology.groups.get(name);
    if (group !== undefined) edit.setGroup(name, group);
  };
  for (const name of groups) takeGroup(name);
  let names = 0;
  for (const name of volumes) {
    if (++names % 256 === 0) yield;
    const wanted = topology.volumes.get(name);
    edit.setVolume(name, wanted);
    if (wanted !== undefined) takeGroup(wanted.groupName);
  }
  for (const name of around.groups) {
    if (++names % 64 === 0) yield;
    if (topology.groups.has(name)) continue;
    if (!hasVolumesIn(edit, name)) edit.setGroup(name, undefined);
  }
  return edit.build();
}
