import type { ParticipantState } from '../model/participant.js';
import type { Holdings, Volume, VolumeGroup } from '../model/topology.js';

/** The same holdings but for some volumes, which are no longer served. */
export function withoutServing(
  holdings: Holdings,
  volumeNames: ReadonlySet<string>,
): Holdings {
  const volumes = new Map(holdings.volumes);
  for (const name of volumeNames) {
    const volume = volumes.get(name);
    if (volume?.served) volumes.set(name, { ...volume, served: false });
  }
  return { groups: holdings.groups, volumes };
}

/** The same holdings in the order of a topology; what it does not have comes after that. */
export function inOrderOf(topology: Holdings, holdings: Holdings): Holdings {
  if (topology === holdings) return holdings;
  return {
    groups: ordered(topology.groups, holdings.groups),
    volumes: ordered(topology.volumes, holdings.volumes),
  };
}

function ordered<T>(
  reference: ReadonlyMap<string, T>,
  given: ReadonlyMap<string, T>,
): Map<string, T> {
  const result = new Map<string, T>();
  for (const name of reference.keys()) {
    const record = given.get(name);
    if (record !== undefined) result.set(name, record);
  }
  for (const [name, record] of given) result.set(name, record);
  return result;
}

/** The volumes that are served by any of these holdings. */
export function servedIn(places: readonly Holdings[]): ReadonlySet<string> {
  const served = new Set<string>();
  for (const { volumes } of new Set(places)) {
    for (const volume of volumes.values()) {
      if (volume.served) served.add(volume.name);
    }
  }
  return served;
}

/** The volumes that holdings have in a group. */
export function volumesIn(
  holdings: Holdings,
  volumeGroupName: string,
): Volume[] {
  return [...holdings.volumes.values()].filter(
    ({ groupName }) => groupName === volumeGroupName,
  );
}

/** The groups that a volume is in, by any of these holdings. */
export function groupsOf(
  volumeName: string,
  places: readonly Holdings[],
): ReadonlySet<string> {
  return new Set(
    places.flatMap(({ volumes }) => volumes.get(volumeName)?.groupName ?? []),
  );
}

/** The same holdings, but with a group and some volumes as a topology has them. */
export function withGroupOf(
  holdings: Holdings,
  topology: Holdings,
  groupName: string,
  volumeNames: Iterable<string>,
): Holdings {
  let result = holdings;
  for (const name of volumeNames) result = withVolumeOf(result, topology, name);
  const groups = new Map(result.groups);
  const group = topology.groups.get(groupName);
  if (group === undefined) groups.delete(groupName);
  else groups.set(groupName, group);
  return inOrderOf(topology, { groups, volumes: result.volumes });
}

/**
 * The same holdings, but with one volume, and the groups that it is and was in,
 * as a topology has them.
 */
export function withVolumeOf(
  holdings: Holdings,
  topology: Holdings,
  volumeName: string,
): Holdings {
  const groups = new Map(holdings.groups);
  const volumes = new Map(holdings.volumes);
  const held = volumes.get(volumeName);
  const wanted = topology.volumes.get(volumeName);
  if (wanted === undefined) volumes.delete(volumeName);
  else {
    volumes.set(volumeName, wanted);
    takeOver(groups, topology, wanted.groupName);
  }
  if (held !== undefined && !topology.groups.has(held.groupName)) {
    const emptied = volumesIn({ groups, volumes }, held.groupName).length === 0;
    if (emptied) groups.delete(held.groupName);
  }
  return inOrderOf(topology, { groups, volumes });
}

/**
 * What undoing can go back to, of what was held at the start. Callbacks are
 * told the configuration that was in force, so what an earlier failure had left
 * otherwise cannot be had again once it is gone: a group or volume that the
 * configuration does not have stays away (and a volume of such a group where it
 * is), such a group that has changed stays as it is, options are those of the
 * configuration, and no volume is served again that the configuration does not
 * give to this peer.
 */
export function attainable(
  goal: Holdings,
  held: Holdings,
  configured: Holdings,
): Holdings {
  if (goal === configured) return goal;
  const groups = withoutGone(goal.groups, held.groups, configured.groups);
  const volumes = withoutGone(goal.volumes, held.volumes, configured.volumes);
  for (const [name, group] of groups) {
    const now = held.groups.get(name);
    if (group === now) continue;
    groups.set(name, configured.groups.get(name) ?? now ?? group);
  }
  for (const [name, volume] of volumes) {
    const now = held.volumes.get(name);
    if (volume === now) continue;
    const ours = configured.volumes.get(name)?.served === true;
    const served = volume.served && (ours || now?.served === true);
    if (groups.has(volume.groupName)) {
      const { section } = configured.volumes.get(name) ?? volume;
      if (section !== volume.section || served !== volume.served) {
        volumes.set(name, { ...volume, section, served });
      }
    } else if (now === undefined) volumes.delete(name);
    else volumes.set(name, { ...now, served });
  }
  const same =
    hasSameRecords(groups, goal.groups) &&
    hasSameRecords(volumes, goal.volumes);
  return same ? goal : { groups, volumes };
}

function hasSameRecords<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
): boolean {
  return (
    a.size === b.size && [...a].every(([name, one]) => b.get(name) === one)
  );
}

function withoutGone<T>(
  goal: ReadonlyMap<string, T>,
  held: ReadonlyMap<string, T>,
  configured: ReadonlyMap<string, T>,
): Map<string, T> {
  return new Map(
    [...goal].filter(([name]) => held.has(name) || configured.has(name)),
  );
}

/** Maps what states hold, keeping shared what is shared. */
export function mapHoldings(
  states: readonly ParticipantState[],
  map: (held: Holdings) => Holdings,
): Holdings[] {
  const mapped = new Map<Holdings, Holdings>();
  return states.map(({ held }) => {
    let goal = mapped.get(held);
    if (goal === undefined) mapped.set(held, (goal = map(held)));
    return goal;
  });
}

function takeOver(
  groups: Map<string, VolumeGroup>,
  topology: Holdings,
  name: string,
): void {
  const group = topology.groups.get(name);
  if (group !== undefined) groups.set(name, group);
}
