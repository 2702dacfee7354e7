import { Injectable } from '@nestjs/common';
import {
  computeTopology,
  TransitionParticipant,
  type ConfMap,
  type Topology,
  type TransitionCallbacks,
  type TransitionContext,
} from 'nestjs-transitions';
import { optionError } from '../options/option.js';

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
    const addresses = readAddresses(confMap);
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

  private read(confMap: ConfMap): void {
    this.addresses = readAddresses(confMap);
    this.self = ownAddress(confMap, this.addresses);
  }
}

function readAddresses(confMap: ConfMap): ReadonlyMap<string, PeerAddress> {
  return new Map(
    confMap.getStrings('Cluster', 'Peers').map((name) => {
      const section = `Peer:${name}`;
      const host = confMap.getString(section, 'PublicIPAddr');
      const port = confMap.getInteger(section, 'HTTPPort', {
        min: 1,
        max: 65535,
      });
      const url = urlOf(host, port);
      if (url === undefined) {
        const problem = `is ${host}; expected an address or a host name`;
        throw optionError(confMap, [section, 'PublicIPAddr'], problem);
      }
      return [name, { name, host, port, url }];
    }),
  );
}

function urlOf(host: string, port: number): URL | undefined {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const url = `http://${bracketed}:${port}/`;
  // Nothing else may hide in it, such as a path.
  if (!URL.canParse(url) || /[/?#@\\]/.test(host)) return undefined;
  return new URL(url);
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
