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
      this.nearlyKnown.checkOptions(section, knownOptions[name]);
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
    this.nearlyKnown.checkOptions(section, knownOptions.VolumeGroup);
    const primaryPeer = this.atMostOne(section, 'PrimaryPeer');
    if (section.get('PrimaryPeer') === undefined) {
      this.problems.add(
        'is missing; expected the peer that serves its volumes, or nothing after the colon for none',
        section.name,
        'PrimaryPeer',
      );
    } else this.checkPeer(primaryPeer, section.name, 'PrimaryPeer');
    const virtualIPAddr = this.atMostOne(section, 'VirtualIPAddr');
    const volumeNames = section.get('VolumeList');
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
    const whoAmI = this.atMostOne(this.confMap.section('Cluster'), 'WhoAmI');
    if (whoAmI === '') {
      this.problems.add(
        'is missing; expected the name of this peer',
        'Cluster',
        'WhoAmI',
      );
    } else this.checkPeer(whoAmI, 'Cluster', 'WhoAmI');
    return whoAmI;
  }

  private atMostOne(section: ConfSection | undefined, option: string): string {
    const values = section?.get(option);
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
