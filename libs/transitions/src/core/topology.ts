import type { ConfMap, ConfSection } from '@nestjs-transitions/conf';
import { InStep } from './in-step.js';
import { doAtOnce, type SlicedWork } from './slices.js';

/** A volume group as a configuration, or a participant's state, has it. */
export interface VolumeGroup {
  readonly name: string;
  /** The peer that serves its volumes; empty for none. */
  readonly primaryPeer: string;
  /** Empty for none. */
  readonly virtualIPAddr: string;
  /** Its volumes, in the order of `VolumeList`. */
  readonly volumeNames: readonly string[];
  /** Section `VolumeGroup:<name>`. */
  readonly section: ConfSection;
}

/** A volume as a configuration, or a participant's state, has it. */
export interface Volume {
  readonly name: string;
  readonly groupName: string;
  /** In a topology: its group's primary is this peer. In a state: it is served. */
  readonly served: boolean;
  /** Section `Volume:<name>`; undefined where the configuration has none. */
  readonly section: ConfSection | undefined;
}

/**
 * Groups and volumes by name, in configuration order: what a configuration
 * wants, and just as well what a participant has. A plan is the difference
 * between two of them.
 */
export interface Holdings {
  readonly groups: ReadonlyMap<string, VolumeGroup>;
  readonly volumes: ReadonlyMap<string, Volume>;
}

/** What a configuration says: who this peer is, all peers, groups and volumes. */
export interface Topology extends Holdings {
  readonly whoAmI: string;
  /** `Cluster.Peers`; empty where the configuration does not list them. */
  readonly peers: readonly string[];
}

/** Nothing held: the state before Up and after Down. */
export const noHoldings: Holdings = { groups: new Map(), volumes: new Map() };

/** Something in a configuration that is wrong, and where it stands. */
export interface TopologyProblem {
  readonly message: string;
  readonly section?: string;
  readonly option?: string;
  readonly path?: string;
  readonly line?: number;
}

/** A topology with all that is wrong (it must not be used then) or doubtful about it. */
export interface TopologyReading {
  readonly topology: Topology;
  readonly problems: readonly TopologyProblem[];
  readonly warnings: readonly TopologyProblem[];
}

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

const groupPrefix = 'VolumeGroup:';
const volumePrefix = 'Volume:';
const colon = ':'.charCodeAt(0);

function isListable(sectionName: string): boolean {
  return (
    sectionName.startsWith(volumePrefix) || sectionName.startsWith(groupPrefix)
  );
}

/** Cheaper, and true of a few others too. */
function mayBeListable(sectionName: string): boolean {
  return (
    sectionName.charCodeAt(volumePrefix.length - 1) === colon ||
    sectionName.charCodeAt(groupPrefix.length - 1) === colon
  );
}

function countIf<T>(
  items: readonly T[],
  isMeant: (item: T) => boolean,
): number {
  let count = 0;
  for (const item of items) if (isMeant(item)) count++;
  return count;
}

const nothing: Topology = { ...noHoldings, whoAmI: '', peers: [] };

class TopologyReader {
  private readonly problems: TopologyProblem[] = [];
  private readonly warnings: TopologyProblem[] = [];
  private readonly groups = new Map<string, VolumeGroup>();
  private readonly volumes = new Map<string, Volume>();
  private readonly knownPeers: ReadonlySet<string>;
  private readonly peers: readonly string[];
  private readonly groupsBefore: InStep<VolumeGroup>;
  private readonly volumesBefore: InStep<Volume>;
  /** How many sections are those of a group or a volume that is listed. */
  private listed = 0;

  constructor(
    private readonly confMap: ConfMap,
    previous: Topology,
  ) {
    this.groupsBefore = new InStep(previous.groups);
    this.volumesBefore = new InStep(previous.volumes);
    this.peers = confMap.section('Cluster')?.get('Peers') ?? [];
    this.knownPeers = new Set(this.peers);
  }

  *read(): SlicedWork<TopologyReading> {
    const whoAmI = this.readWhoAmI();
    const names = this.confMap.section('FSGlobals')?.get('VolumeGroupList');
    if (names === undefined) {
      this.problem(
        'is missing; expected the names of all volume groups',
        'FSGlobals',
        'VolumeGroupList',
      );
    }
    for (const name of names ?? []) {
      this.readGroup(name, whoAmI);
      yield;
    }
    this.warnOfUnlisted();
    return {
      topology: {
        whoAmI,
        peers: this.peers,
        groups: this.groups,
        volumes: this.volumes,
      },
      problems: this.problems,
      warnings: this.warnings,
    };
  }

  private readWhoAmI(): string {
    const whoAmI = this.atMostOne(this.confMap.section('Cluster'), 'WhoAmI');
    if (whoAmI === '') {
      this.problem(
        'is missing; expected the name of this peer',
        'Cluster',
        'WhoAmI',
      );
    } else this.checkPeer(whoAmI, 'Cluster', 'WhoAmI');
    return whoAmI;
  }

  private readGroup(name: string, whoAmI: string): void {
    const sectionName = `${groupPrefix}${name}`;
    if (this.groups.has(name)) {
      this.problem(
        `lists volume group ${name} twice`,
        'FSGlobals',
        'VolumeGroupList',
      );
      return;
    }
    const section = this.confMap.section(sectionName);
    if (section === undefined) {
      this.problem(
        `lists volume group ${name}, which has no section [${sectionName}]`,
        'FSGlobals',
        'VolumeGroupList',
      );
      return;
    }
    this.listed++;
    const group = this.groupRecord(name, section);
    this.groups.set(name, group);
    const served = whoAmI !== '' && group.primaryPeer === whoAmI;
    for (const volumeName of group.volumeNames) {
      this.readVolume(volumeName, group.name, served);
    }
  }

  private groupRecord(name: string, section: ConfSection): VolumeGroup {
    const before = this.groupsBefore.find(name);
    if (before !== undefined && before.section === section) {
      this.checkPeer(before.primaryPeer, section.name, 'PrimaryPeer');
      return before;
    }
    const primaryPeer = this.atMostOne(section, 'PrimaryPeer');
    if (primaryPeer !== '') {
      this.checkPeer(primaryPeer, section.name, 'PrimaryPeer');
    }
    const virtualIPAddr = this.atMostOne(section, 'VirtualIPAddr');
    const volumeNames = section.get('VolumeList');
    if (volumeNames === undefined) {
      this.problem(
        'is missing; expected the names of its volumes, or nothing after the colon',
        section.name,
        'VolumeList',
      );
    }
    return {
      name,
      primaryPeer,
      virtualIPAddr,
      volumeNames: volumeNames ?? [],
      section,
    };
  }

  private readVolume(name: string, groupName: string, served: boolean): void {
    const twin = this.volumes.get(name);
    if (twin !== undefined) {
      this.problem(
        twin.groupName === groupName
          ? `lists volume ${name} twice`
          : `lists volume ${name}, which is in volume group ${twin.groupName} already; a volume belongs to exactly one group`,
        `${groupPrefix}${groupName}`,
        'VolumeList',
      );
      return;
    }
    const before = this.volumesBefore.find(name);
    // The name of a section that is known need not be made, nor hashed, anew.
    const sectionName = before?.section?.name ?? `${volumePrefix}${name}`;
    const section = this.confMap.section(sectionName);
    if (section !== undefined) this.listed++;
    const same =
      before !== undefined &&
      before.section === section &&
      before.served === served &&
      before.groupName === groupName;
    this.volumes.set(
      name,
      same ? before : { name, groupName, served, section },
    );
  }

  private atMostOne(section: ConfSection | undefined, option: string): string {
    const values = section?.get(option);
    if (section === undefined || values === undefined) return '';
    if (values.length > 1) {
      this.problem(
        `has ${values.length} values; expected one at most`,
        section.name,
        option,
      );
    }
    return values[0] ?? '';
  }

  private checkPeer(peer: string, section: string, option: string): void {
    if (peer === '' || this.knownPeers.size === 0) return;
    if (this.knownPeers.has(peer)) return;
    this.problem(
      `is ${peer}, which is not in Cluster.Peers (${this.peers.join(', ')})`,
      section,
      option,
    );
  }

  private warnOfUnlisted(): void {
    const names = this.confMap.sections();
    // As a rule all are listed, and none need be looked up.
    if (countIf(names, mayBeListable) === this.listed) return;
    for (const name of names) {
      if (!isListable(name)) continue;
      if (name.startsWith(groupPrefix)) {
        if (this.groups.has(name.slice(groupPrefix.length))) continue;
        this.warn('is not in FSGlobals.VolumeGroupList and is ignored', name);
      } else if (!this.volumes.has(name.slice(volumePrefix.length))) {
        this.warn('is in no volume group and is ignored', name);
      }
    }
  }

  private warn(message: string, section: string): void {
    this.warnings.push(this.located(message, section));
  }

  private problem(message: string, section: string, option: string): void {
    this.problems.push(this.located(message, section, option));
  }

  private located(
    message: string,
    section: string,
    option?: string,
  ): TopologyProblem {
    const place =
      this.confMap.locate(section, option) ?? this.confMap.locate(section);
    return {
      message: `${option === undefined ? `[${section}]` : `${section}.${option}`} ${message}`,
      section,
      ...(option === undefined ? {} : { option }),
      ...(place === undefined ? {} : { path: place.path, line: place.line }),
    };
  }
}
