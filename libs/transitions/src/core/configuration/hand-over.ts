import { ConfMap } from '@nestjs-transitions/conf';
import { ConfigurationError } from '../model/errors.js';
import type { Topology, VolumeGroup } from '../model/topology.js';
import { readTopology } from './topology-reader.js';
import { upgradeConfMapIfNeeded } from './upgrade.js';

/**
 * A configuration between two others, for peers that have no leases: in it, no
 * peer serves the volumes that change peers. Once every peer has applied it,
 * `to` may follow. Peers reload independently, one sooner than the other. With
 * this step in between, no volume has two servers at any moment.
 *
 * The result is `from` with these changes. If all volumes of a group change
 * peers, its `PrimaryPeer` is empty. If only some of them do, these are in a
 * temporary group, with the options of their own group but no primary and no
 * address, so that all peers still know them. Volumes that keep their peer are
 * served throughout. If no volume changes peers, the result is `from` itself.
 *
 * Pure. Neither configuration needs a `Cluster.WhoAmI`.
 *
 * @throws ConfigurationError when one of them is not valid.
 */
export function planHandOver(from: ConfMap, to: ConfMap): ConfMap {
  const base = upgradeConfMapIfNeeded(from);
  const before = topologyOf(base);
  const after = topologyOf(upgradeConfMapIfNeeded(to));
  const leaving = leavingVolumes(before, after);
  if (leaving.size === 0) return from;
  const isFree = (name: string): boolean =>
    [before, after].every(({ groups }) => !groups.has(name)) &&
    !base.has(`VolumeGroup:${name}`);
  const edit = ConfMap.edit(base);
  const groupNames: string[] = [];
  for (const group of before.groups.values()) {
    groupNames.push(group.name);
    const volumes = leaving.get(group.name);
    if (volumes === undefined) continue;
    if (volumes.length === group.section.get('VolumeList')?.length) {
      edit.set(group.section.name, 'PrimaryPeer', []);
    } else {
      const name = unusedName(`${group.name}-HandOver`, isFree);
      setApart(group, volumes, name, edit);
      groupNames.push(name);
    }
  }
  return edit.set('FSGlobals', 'VolumeGroupList', groupNames).build();
}

/**
 * The volumes whose peer differs, if both have one, by the group they are in
 * before.
 */
function leavingVolumes(
  before: Topology,
  after: Topology,
): Map<string, string[]> {
  const leaving = new Map<string, string[]>();
  for (const { name, groupName } of before.volumes.values()) {
    const from = primaryOf(before, name);
    const to = primaryOf(after, name);
    if (from === '' || to === '' || from === to) continue;
    const volumes = leaving.get(groupName);
    if (volumes === undefined) leaving.set(groupName, [name]);
    else volumes.push(name);
  }
  return leaving;
}

function primaryOf({ groups, volumes }: Topology, volumeName: string): string {
  const groupName = volumes.get(volumeName)?.groupName;
  if (groupName === undefined) return '';
  return groups.get(groupName)?.primaryPeer ?? '';
}

/** Moves volumes from their group to one of their own, which has no primary. */
function setApart(
  { section }: VolumeGroup,
  volumes: readonly string[],
  name: string,
  edit: ReturnType<typeof ConfMap.edit>,
): void {
  const own = `VolumeGroup:${name}`;
  const apart = new Set(volumes);
  const rest = section.get('VolumeList')!.filter((each) => !apart.has(each));
  edit.set(section.name, 'VolumeList', rest);
  for (const option of section.options()) {
    edit.set(own, option, section.get(option)!);
  }
  edit.set(own, 'VolumeList', volumes);
  edit.set(own, 'PrimaryPeer', []);
  edit.set(own, 'VirtualIPAddr', []);
}

function unusedName(wish: string, isFree: (name: string) => boolean): string {
  let name = wish;
  for (let number = 2; !isFree(name); number++) name = `${wish}-${number}`;
  return name;
}

function topologyOf(confMap: ConfMap): Topology {
  const { topology, problems } = readTopology(confMap);
  // The configuration of the whole cluster, which is the same for every peer.
  const ofAll = problems.filter(({ option }) => option !== 'WhoAmI');
  if (ofAll.length > 0) throw new ConfigurationError(ofAll);
  return topology;
}
