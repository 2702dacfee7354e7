import { listOf } from '../configuration/volume-table.js';
import type { ParticipantState } from '../model/participant.js';
import type { Holdings, Volume } from '../model/topology.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import { comparing, computingDelta, setsOf } from './delta.js';
import { differenceOf, HoldingsEdit } from './difference.js';
import { isVolume } from '../model/step.js';

/** The same holdings, except that some volumes are not served. */
export function withoutServing(
  holdings: Holdings,
  volumeNames: ReadonlySet<string>,
): Holdings {
  const edit = new HoldingsEdit(holdings);
  for (const name of volumeNames) {
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
  for (const set of setsOf(delta)) {
    for (const target of set) {
      const { name } = target;
      if (isVolume(target)) edit.setVolume(name, holdings.volumes.get(name));
      else edit.setGroup(name, holdings.groups.get(name));
    }
  }
  return edit.build();
}

/** The names of the volumes that are served in any of these holdings. */
export function servedIn(places: readonly Holdings[]): ReadonlySet<string> {
  const served = new Set<string>();
  for (const { volumes } of new Set(places)) {
    for (const volume of volumes.values()) {
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
 * the volumes.
 */
export function withHomes(
  { groups, volumes }: Names,
  places: readonly Holdings[],
): Names {
  const homes = [...volumes].flatMap((name) => [...groupsOf(name, places)]);
  return { groups: new Set([...groups, ...homes]), volumes };
}

/**
 * The same holdings, but with some groups, some volumes, and the groups that
 * those belong to, as in a topology. A group that the topology does not have stays
 * as long as it has any other volume.
 *
 * `around` are the names with the groups in which anybody has the volumes: what is
 * left empty of them goes, also where the volumes have left it before.
 */
export function withThoseOf(
  holdings: Holdings,
  topology: Holdings,
  { groups, volumes }: Names,
  around: Names,
): Holdings {
  const edit = new HoldingsEdit(holdings);
  const takeGroup = (name: string): void => {
    const group = topology.groups.get(name);
    if (group !== undefined) edit.setGroup(name, group);
  };
  for (const name of groups) takeGroup(name);
  for (const name of volumes) {
    const wanted = topology.volumes.get(name);
    edit.setVolume(name, wanted);
    if (wanted !== undefined) takeGroup(wanted.groupName);
  }
  for (const name of around.groups) {
    if (topology.groups.has(name)) continue;
    const isEmptied = volumesIn(edit.build(), name).length === 0;
    if (isEmptied) edit.setGroup(name, undefined);
  }
  return edit.build();
}

/**
 * How much of what was held at the start (`goal`) undoing can restore.
 * Callbacks get the configuration that was in force (`configured`). So what an
 * earlier failure had left in another state cannot be restored once it is gone:
 * - a group or volume that the configuration does not have is not created
 *   again, and a volume of such a group stays where it is, in the group that it
 *   is in;
 * - such a group stays as it is if it has changed;
 * - options are those of the configuration;
 * - no volume is served again that is not this peer's by the configuration.
 */
export function attainable(
  goal: Holdings,
  held: Holdings,
  configured: Holdings,
): Holdings {
  const edit = new HoldingsEdit(goal);
  const { groups, volumes } = whereTheyDiffer(goal, held, configured);
  for (const name of groups) {
    const group = goal.groups.get(name);
    const now = held.groups.get(name);
    if (group === undefined || group === now) continue;
    edit.setGroup(name, configured.groups.get(name) ?? now);
  }
  for (const name of volumes) {
    const volume = goal.volumes.get(name);
    const now = held.volumes.get(name);
    if (volume === undefined || volume === now) continue;
    const stays = attainableVolume(volume, now, configured, edit);
    edit.setVolume(name, stays);
    if (stays !== undefined && edit.group(stays.groupName) === undefined) {
      edit.setGroup(stays.groupName, held.groups.get(stays.groupName));
    }
  }
  return edit.build();
}

function attainableVolume(
  volume: Volume,
  now: Volume | undefined,
  configured: Holdings,
  goal: HoldingsEdit,
): Volume | undefined {
  const ours = configured.volumes.get(volume.name);
  if (volume === ours) return volume;
  if (now === undefined && ours === undefined) return undefined;
  const served =
    volume.served && (ours?.served === true || now?.served === true);
  if (goal.group(volume.groupName) === undefined) {
    return now && { ...now, served };
  }
  const { section } = ours ?? volume;
  return { ...volume, section, served };
}

/**
 * The names of all groups and volumes that a goal has otherwise than they are
 * held, and otherwise than they are configured; perhaps of some others too.
 */
function whereTheyDiffer(
  goal: Holdings,
  held: Holdings,
  configured: Holdings,
): { groups: Iterable<string>; volumes: Iterable<string> } {
  const own = differenceOf(goal);
  const other = differenceOf(held);
  if (own.base === other.base) {
    return {
      groups: [...own.groupChanges.keys(), ...other.groupChanges.keys()],
      volumes: [...own.volumeChanges.keys(), ...other.volumeChanges.keys()],
    };
  }
  const { groupChanges, volumeChanges } = differenceOf(
    rebased(goal, configured),
  );
  return { groups: groupChanges.keys(), volumes: volumeChanges.keys() };
}

/** Maps what each state holds. Holdings that are shared stay shared. */
export function mapHoldings(
  states: readonly ParticipantState[],
  map: (held: Holdings) => Holdings,
): Holdings[] {
  return mapAll(
    states.map(({ held }) => held),
    map,
  );
}

/** Maps holdings. Those that are shared stay shared. */
export function mapAll(
  all: readonly Holdings[],
  map: (held: Holdings) => Holdings,
): Holdings[] {
  const mapped = new Map<Holdings, Holdings>();
  return all.map((held) => {
    let goal = mapped.get(held);
    if (goal === undefined) mapped.set(held, (goal = map(held)));
    return goal;
  });
}

/** Maps pairs of holdings. Pairs that have both in common share the result. */
export function mapPairs(
  ones: readonly Holdings[],
  others: readonly Holdings[],
  map: (one: Holdings, other: Holdings) => Holdings,
): Holdings[] {
  const mapped = new Map<Holdings, Map<Holdings, Holdings>>();
  return ones.map((one, index) => {
    const other = others[index]!;
    let ofOne = mapped.get(one);
    if (ofOne === undefined) mapped.set(one, (ofOne = new Map()));
    let result = ofOne.get(other);
    if (result === undefined) ofOne.set(other, (result = map(one, other)));
    return result;
  });
}
