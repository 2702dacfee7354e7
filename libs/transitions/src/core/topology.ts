import type { ConfMap, ConfSection } from '@nestjs-transitions/conf';

/** A volume group as a configuration, or a participant's state, has it. */
export interface VolumeGroup {
  readonly name: string;
  /** The peer that serves its volumes; empty for none. */
  readonly primaryPeer: string;
  /** Empty for none. */
  readonly virtualIPAddr: string;
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
  return new TopologyReader(confMap, previous).read();
}

class TopologyReader {
  private readonly problems: TopologyProblem[] = [];
  private readonly warnings: TopologyProblem[] = [];
  private readonly groups = new Map<string, VolumeGroup>();
  private readonly volumes = new Map<string, Volume>();
  private readonly knownPeers: ReadonlySet<string>;
  private readonly peers: readonly string[];

  constructor(
    private readonly confMap: ConfMap,
    private readonly previous: Topology | undefined,
  ) {
    this.peers = confMap.section('Cluster')?.get('Peers') ?? [];
    this.knownPeers = new Set(this.peers);
  }

  read(): TopologyReading {
    const whoAmI = this.readWhoAmI();
    const names = this.confMap.section('FSGlobals')?.get('VolumeGroupList');
    if (names === undefined) {
      this.problem(
        'is missing; expected the names of all volume groups',
        'FSGlobals',
        'VolumeGroupList',
      );
    }
    for (const name of names ?? []) this.readGroup(name, whoAmI);
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
    const whoAmI = this.atMostOne('Cluster', 'WhoAmI');
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
    const sectionName = `VolumeGroup:${name}`;
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
    const group = this.groupRecord(name, section);
    this.groups.set(name, group);
    const volumeNames = section.get('VolumeList');
    if (volumeNames === undefined) {
      this.problem(
        'is missing; expected the names of its volumes, or nothing after the colon',
        sectionName,
        'VolumeList',
      );
      return;
    }
    const served = whoAmI !== '' && group.primaryPeer === whoAmI;
    for (const volumeName of volumeNames) {
      this.readVolume(volumeName, name, served);
    }
  }

  private groupRecord(name: string, section: ConfSection): VolumeGroup {
    const before = this.previous?.groups.get(name);
    if (before !== undefined && before.section === section) {
      this.checkPeer(before.primaryPeer, section.name, 'PrimaryPeer');
      return before;
    }
    const primaryPeer = this.atMostOne(section.name, 'PrimaryPeer');
    if (primaryPeer !== '') {
      this.checkPeer(primaryPeer, section.name, 'PrimaryPeer');
    }
    const virtualIPAddr = this.atMostOne(section.name, 'VirtualIPAddr');
    return { name, primaryPeer, virtualIPAddr, section };
  }

  private readVolume(name: string, groupName: string, served: boolean): void {
    const twin = this.volumes.get(name);
    if (twin !== undefined) {
      this.problem(
        twin.groupName === groupName
          ? `lists volume ${name} twice`
          : `lists volume ${name}, which is in volume group ${twin.groupName} already; a volume belongs to exactly one group`,
        `VolumeGroup:${groupName}`,
        'VolumeList',
      );
      return;
    }
    const section = this.confMap.section(`Volume:${name}`);
    const before = this.previous?.volumes.get(name);
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

  private atMostOne(sectionName: string, option: string): string {
    const values = this.confMap.section(sectionName)?.get(option) ?? [];
    if (values.length > 1) {
      this.problem(
        `has ${values.length} values; expected one at most`,
        sectionName,
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
    for (const name of this.confMap.sections()) {
      if (
        name.startsWith('VolumeGroup:') &&
        !this.groups.has(name.slice('VolumeGroup:'.length))
      ) {
        this.warnings.push(
          this.located(
            'is not in FSGlobals.VolumeGroupList and is ignored',
            name,
          ),
        );
      }
      if (
        name.startsWith('Volume:') &&
        !this.volumes.has(name.slice('Volume:'.length))
      ) {
        this.warnings.push(
          this.located('is in no volume group and is ignored', name),
        );
      }
    }
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
