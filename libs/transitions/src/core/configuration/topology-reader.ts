import type { ConfMap } from '@nestjs-transitions/conf';
import { GroupTable, groupPrefix } from './group-table.js';
import { InStep } from './in-step.js';
import { GroupReader } from './group-reader.js';
import { SectionPlaces } from './section-places.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import { TopologyProblems } from './topology-problems.js';
import {
  noHoldings,
  type Topology,
  type TopologyReading,
  type Volume,
  type VolumeGroup,
} from '../model/topology.js';
import { listOf, volumePrefix, VolumeTable } from './volume-table.js';

/**
 * Reads the topology of a configuration in the form of `VolumeGroupList`, with
 * every problem of meaning at once. Pure. Given the `previous` topology it
 * reuses the records of what did not change, which makes a later delta cheap.
 */
export function readTopology(
  confMap: ConfMap,
  previous?: Topology,
): TopologyReading {
  return doAtOnce(readingTopology(confMap, previous));
}

/** {@link readTopology} as work that can be sliced. */
export function readingTopology(
  confMap: ConfMap,
  previous: Topology = nothing,
): SlicedWork<TopologyReading> {
  return new TopologyReader(confMap, previous).read();
}

const recordsBetweenYields = 32;
// More volumes than that are not taken over at once, for it cannot be sliced.
const mostAtOnce = 1024;
const nothing: Topology = { ...noHoldings, whoAmI: '', peers: [] };

class TopologyReader {
  private readonly problems: TopologyProblems;
  /** What is read without a look at other groups. */
  private readonly own: GroupReader;
  private readonly places: SectionPlaces;
  private readonly groups: GroupTable;
  private readonly volumes: VolumeTable;
  /** Since the last yield. */
  private recordsRead = 0;

  constructor(
    private readonly confMap: ConfMap,
    private readonly previous: Topology,
  ) {
    this.groups = new GroupTable(confMap);
    this.volumes = new VolumeTable(confMap, this.groups);
    this.problems = new TopologyProblems(confMap);
    this.own = new GroupReader(confMap, this.problems);
    this.places = new SectionPlaces(confMap);
  }

  *read(): SlicedWork<TopologyReading> {
    const { whoAmI, peers } = this.own;
    for (const name of this.listedGroups()) {
      if (this.yieldIsDue()) yield;
      const group = this.readGroup(name);
      if (group === undefined) continue;
      const served = whoAmI !== '' && group.primaryPeer === whoAmI;
      const before = listOf(this.previous.volumes, name) ?? [];
      if (this.takeOver(group, before, served)) continue;
      const beforeInStep = new InStep(before);
      const volumes: Volume[] = [];
      // By index: in a generator, for-of leaves an object behind for each item.
      for (let at = 0; at < group.volumeNames.length; at++) {
        if (this.yieldIsDue()) yield;
        const volumeName = group.volumeNames[at]!;
        const known = beforeInStep.find(volumeName);
        const volume = this.readVolume(volumeName, name, served, known);
        if (volume !== undefined) volumes.push(volume);
      }
      this.volumes.addGroup(hasSameItems(volumes, before) ? before : volumes);
    }
    this.warnOfUnlisted();
    return {
      topology: {
        whoAmI,
        peers,
        groups: this.groups,
        volumes: this.volumes,
      },
      problems: this.problems.problems,
      warnings: this.problems.warnings,
    };
  }

  private yieldIsDue(): boolean {
    if (++this.recordsRead < recordsBetweenYields) return false;
    this.recordsRead = 0;
    return true;
  }

  private listedGroups(): readonly string[] {
    const names = this.confMap.section('FSGlobals')?.get('VolumeGroupList');
    if (names !== undefined) return names;
    this.problems.add(
      'is missing; expected the names of all volume groups',
      'FSGlobals',
      'VolumeGroupList',
    );
    return [];
  }

  /** Undefined where that is no group, or one that is listed already. */
  private readGroup(name: string): VolumeGroup | undefined {
    const before = this.previous.groups.get(name);
    const place = this.places.find(groupPrefix, name, before?.section);
    const section = this.confMap.at(place);
    if (section === undefined) {
      this.problems.add(
        `lists volume group ${name}, which has no section [${groupPrefix}${name}]`,
        'FSGlobals',
        'VolumeGroupList',
      );
      return undefined;
    }
    if (!this.places.take(place)) {
      this.problems.add(
        `lists volume group ${name} twice`,
        'FSGlobals',
        'VolumeGroupList',
      );
      return undefined;
    }
    const group = this.own.readGroup(name, section, before);
    this.groups.add(group, place);
    return group;
  }

  /** Adds the volumes of a group that is as it was, if their sections are too, one after the other. */
  private takeOver(
    group: VolumeGroup,
    volumes: readonly Volume[],
    served: boolean,
  ): boolean {
    if (group !== this.previous.groups.get(group.name)) return false;
    if (volumes.length !== group.volumeNames.length) return false;
    if (volumes.length > mostAtOnce || volumes[0]?.served !== served) {
      return false;
    }
    const place = this.places.takeNext(volumes);
    if (place < 0) return false;
    this.volumes.addAll(volumes, place);
    this.recordsRead += volumes.length;
    return true;
  }

  /** Undefined where the volume is in a group already. */
  private readVolume(
    name: string,
    groupName: string,
    served: boolean,
    before: Volume | undefined,
  ): Volume | undefined {
    const place = this.places.find(volumePrefix, name, before?.section);
    const twin = this.volumes.at(place, name);
    if (twin !== undefined) {
      this.problems.add(
        twin.groupName === groupName
          ? `lists volume ${name} twice`
          : `lists volume ${name}, which is in volume group ${twin.groupName} already; a volume belongs to exactly one group`,
        `${groupPrefix}${groupName}`,
        'VolumeList',
      );
      return undefined;
    }
    const section = this.confMap.at(place);
    if (section !== undefined) this.places.take(place);
    const same =
      before !== undefined &&
      before.section === section &&
      before.served === served;
    const volume = same ? before : { name, groupName, served, section };
    this.volumes.add(volume, place);
    return volume;
  }

  private warnOfUnlisted(): void {
    for (const { name } of this.places.untaken()) {
      if (name.startsWith(groupPrefix)) {
        this.problems.warn(
          'is not in FSGlobals.VolumeGroupList and is ignored',
          name,
        );
      } else if (name.startsWith(volumePrefix)) {
        this.problems.warn('is in no volume group and is ignored', name);
      } else this.own.nearlyKnown.checkSection(name);
    }
  }
}

function hasSameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  return (
    one.length === other.length &&
    one.every((item, place) => item === other[place])
  );
}
