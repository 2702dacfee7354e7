import type { ConfMap, ConfSection } from '@nestjs-transitions/conf';
import type { VolumeGroup } from '../model/topology.js';
import { knownOptions, NearlyKnown } from './nearly-known.js';
import type { TopologyProblems } from './topology-problems.js';

/** Reads who this peer is, who the others are, and what the section of a group says. */
export class GroupReader {
  readonly nearlyKnown: NearlyKnown;
  /** `Cluster.Peers`; empty where the configuration does not list them. */
  readonly peers: readonly string[];
  /** Empty where it is missing. */
  readonly whoAmI: string;
  private readonly knownPeers: ReadonlySet<string>;

  constructor(
    private readonly confMap: ConfMap,
    private readonly problems: TopologyProblems,
  ) {
    this.nearlyKnown = new NearlyKnown(problems);
    for (const name of ['Cluster', 'FSGlobals'] as const) {
      const section = confMap.section(name);
      if (section === undefined) continue;
      const known = knownOptions[name];
      const { others } = section.pick(known);
      this.nearlyKnown.checkOptions(section, others, known);
    }
    this.peers = confMap.section('Cluster')?.get('Peers') ?? [];
    this.knownPeers = new Set(this.peers);
    this.whoAmI = this.readWhoAmI();
  }

  /** The very record before where its section is the same. */
  readGroup(
    name: string,
    section: ConfSection,
    before: VolumeGroup | undefined,
  ): VolumeGroup {
    if (before?.section === section) {
      this.checkPeer(before.primaryPeer, section.name, 'PrimaryPeer');
      return before;
    }
    const { values, others } = section.pick(knownOptions.VolumeGroup);
    const [volumeNames, primaryPeers, addresses] = values;
    this.nearlyKnown.checkOptions(section, others, knownOptions.VolumeGroup);
    const primaryPeer = this.atMostOne(primaryPeers, section, 'PrimaryPeer');
    if (primaryPeers === undefined) {
      this.problems.add(
        'is missing; expected the peer that serves its volumes, or nothing after the colon for none',
        section.name,
        'PrimaryPeer',
      );
    } else this.checkPeer(primaryPeer, section.name, 'PrimaryPeer');
    const virtualIPAddr = this.atMostOne(addresses, section, 'VirtualIPAddr');
    if (volumeNames === undefined) {
      this.problems.add(
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

  private readWhoAmI(): string {
    const section = this.confMap.section('Cluster');
    const whoAmI = this.atMostOne(section?.get('WhoAmI'), section, 'WhoAmI');
    if (whoAmI === '') {
      this.problems.add(
        'is missing; expected the name of this peer',
        'Cluster',
        'WhoAmI',
      );
    } else this.checkPeer(whoAmI, 'Cluster', 'WhoAmI');
    return whoAmI;
  }

  /** The value of an option; '' where it has none. */
  private atMostOne(
    values: readonly string[] | undefined,
    section: ConfSection | undefined,
    option: string,
  ): string {
    if (section === undefined || values === undefined) return '';
    if (values.length > 1) {
      this.problems.add(
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
    this.problems.add(
      `is ${peer}, which is not in Cluster.Peers (${this.peers.join(', ')})`,
      section,
      option,
    );
  }
}
