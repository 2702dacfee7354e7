import { Injectable } from '@nestjs/common';
import {
  computeTopology,
  TransitionParticipant,
  TransitionsService,
  type ConfMap,
  type Topology,
  type TransitionCallbacks,
  type TransitionContext,
} from 'nestjs-transitions';
import { optionError } from '../options/option.js';
import { originOf, peerSchema } from '../options/schemas.js';

/** Where a peer answers. */
export interface PeerAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly url: URL;
}

/** Knows where each peer answers, and which of them serves which volume. */
@Injectable()
@TransitionParticipant(10)
export class Peers implements TransitionCallbacks {
  private addresses: ReadonlyMap<string, PeerAddress> = new Map();
  private self: PeerAddress | undefined;
  private readonly primaryOf = new Map<string, string>();
  private readonly groupOf = new Map<string, string>();
  private goingDown = false;
  /** The configuration that a reload is about, and the last one that was rolled back. */
  private coming: ConfMap | undefined;
  private failed: ConfMap | undefined;
  private failedTopology: Topology | undefined;

  constructor(private readonly transitions: TransitionsService) {}

  /** On the way down this peer forgets its volumes: that it knows none means nothing. */
  get isGoingDown(): boolean {
    return this.goingDown;
  }

  /** This peer; known from `up` on. */
  get own(): PeerAddress {
    if (this.self === undefined) throw new Error('This peer is not up yet');
    return this.self;
  }

  /** The peer that a volume's group has as its primary, this one included. */
  serving(volumeName: string): PeerAddress | undefined {
    const group = this.groupOf.get(volumeName);
    const peer = group === undefined ? '' : this.primaryOf.get(group);
    return this.addresses.get(peer ?? '');
  }

  /**
   * Whether the last configuration was rolled back here and gives a volume to this
   * peer, or brings a new one: what the one in force says of it is no longer so
   * for the other peers.
   */
  hasMissed(volumeName: string): boolean {
    if (this.failed === undefined) return false;
    this.failedTopology ??= computeTopology(this.failed);
    const volume = this.failedTopology.volumes.get(volumeName);
    return volume !== undefined && (volume.served || !this.knows(volumeName));
  }

  knows(volumeName: string): boolean {
    return this.groupOf.has(volumeName);
  }

  /** Vetoes two peers at one address, and another address for this one, where it listens. */
  validate(confMap: ConfMap): void {
    const addresses = this.addressesIn(confMap);
    const hosts = [...addresses.values()].map(({ url }) => url.host);
    const twice = hosts.find((host, index) => hosts.indexOf(host) !== index);
    if (twice !== undefined) throw new Error(`two peers answer at ${twice}`);
    const own = ownAddress(confMap, addresses);
    if (this.self === undefined || this.self.url.host === own.url.host) return;
    throw new Error(
      `${own.name} would move from ${this.self.url.host} to ${own.url.host}, which needs a restart`,
    );
  }

  up(confMap: ConfMap): void {
    this.read(confMap);
  }

  signaledStart(confMap: ConfMap, { kind }: TransitionContext): void {
    this.goingDown = kind === 'down';
    if (kind === 'signaled') this.coming = confMap;
    // Peers that are new must be known before a volume moves to them.
    this.read(confMap);
  }

  signaledFinish(confMap: ConfMap, { kind }: TransitionContext): void {
    this.failed = kind === 'rollback' ? this.coming : undefined;
    this.failedTopology = undefined;
    // After a rollback it is the old configuration that is in force.
    this.read(confMap);
  }

  volumeGroupCreated(_confMap: ConfMap, group: string, peer: string): void {
    this.primaryOf.set(group, peer);
  }

  volumeGroupMoved(_confMap: ConfMap, group: string, peer: string): void {
    this.primaryOf.set(group, peer);
  }

  volumeGroupDestroyed(_confMap: ConfMap, group: string): void {
    this.primaryOf.delete(group);
  }

  volumeCreated(_confMap: ConfMap, volume: string, group: string): void {
    this.groupOf.set(volume, group);
  }

  volumeMoved(_confMap: ConfMap, volume: string, group: string): void {
    this.groupOf.set(volume, group);
  }

  volumeDestroyed(_confMap: ConfMap, volume: string): void {
    this.groupOf.delete(volume);
  }

  private addressesIn(confMap: ConfMap): ReadonlyMap<string, PeerAddress> {
    const names = confMap.getStrings('Cluster', 'Peers');
    return new Map(
      names.map((name) => {
        const section = `Peer:${name}`;
        if (!confMap.has(section)) {
          const problem = `lists ${name}, which has no section [${section}]`;
          throw optionError(confMap, ['Cluster', 'Peers'], problem);
        }
        const { PublicIPAddr: host, HTTPPort: port } = this.transitions.options(
          section,
          peerSchema,
          confMap,
        );
        const url = new URL(originOf(host, port));
        return [name, { name, host, port, url }];
      }),
    );
  }

  private read(confMap: ConfMap): void {
    this.addresses = this.addressesIn(confMap);
    this.self = ownAddress(confMap, this.addresses);
  }
}

function ownAddress(
  confMap: ConfMap,
  addresses: ReadonlyMap<string, PeerAddress>,
): PeerAddress {
  const name = confMap.getString('Cluster', 'WhoAmI');
  const own = addresses.get(name);
  if (own === undefined) throw new Error(`Cluster.Peers lacks ${name}`);
  return own;
}
