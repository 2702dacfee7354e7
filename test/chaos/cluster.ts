import { join } from 'node:path';
import { setTimeout as passes } from 'node:timers/promises';
import { EtcdProcess } from '../leases/etcd-process.js';
import { writeConfigurations, type Groups } from './configurations.js';
import { now } from './history.js';
import { LinkProxy, type Healing } from './link-proxy.js';
import { Operator } from './operator.js';
import { PeerProcess } from './peer-process.js';
import { Records } from './records.js';
import { ResourceServer } from './resource-server.js';

/** In seconds, the least that is granted. */
export const ttl = 2;
export const peerNames: readonly string[] = ['a', 'b', 'c'];
const namespace = 'chaos';

export interface ClusterOptions {
  /** An existing, empty one. */
  readonly folder: string;
  /** The volumes of each group. */
  readonly groups: Groups;
  /** Between two writes of each peer, in milliseconds. Default 20. */
  readonly pace?: number;
}

/**
 * Three peers with an etcd, each linked to it by a proxy of its own, and with a
 * resource. All on loopback, and ended by `stop`.
 */
export class Cluster {
  readonly peers = new Map<string, PeerProcess>();
  readonly records: Records;
  /** The peer of each group. */
  readonly placed = new Map<string, string>();
  readonly operator: Operator;
  private readonly booted = new Map<string, number>();
  /** Processes that have ended though nobody wanted that. */
  readonly crashes: string[] = [];
  private hasStopped = false;

  private constructor(
    private readonly options: ClusterOptions,
    readonly etcd: EtcdProcess,
    readonly links: ReadonlyMap<string, LinkProxy>,
    readonly resource: ResourceServer,
    records: Records,
  ) {
    this.records = records;
    this.operator = new Operator(etcd.endpoint, namespace, records.note);
    Object.keys(options.groups).forEach((group, index) => {
      this.placed.set(group, peerNames[index % peerNames.length]!);
    });
  }

  /** All peers are up. They may not serve yet. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const records = new Records(join(options.folder, 'chaos.jsonl'));
    // First, as it is what may not start.
    const etcd = await EtcdProcess.start();
    const resource = await ResourceServer.start(records.note);
    const links = new Map<string, LinkProxy>();
    for (const name of peerNames) {
      links.set(name, await LinkProxy.to(etcd.endpoint));
    }
    const cluster = new Cluster(options, etcd, links, resource, records);
    cluster.writeConfiguration();
    try {
      for (const name of peerNames) cluster.boot(name);
      await Promise.all([...cluster.peers.values()].map(({ up }) => up));
    } catch (thrown) {
      await cluster.stop();
      throw thrown;
    }
    return cluster;
  }

  get volumes(): readonly string[] {
    return Object.values(this.options.groups).flat();
  }

  peer(name: string): PeerProcess {
    return this.peers.get(name)!;
  }

  link(name: string): LinkProxy {
    return this.links.get(name)!;
  }

  volumesOf(name: string): readonly string[] {
    return [...this.placed].flatMap(([group, peer]) =>
      peer === name ? this.options.groups[group]! : [],
    );
  }

  /** Starts a process of a peer, if it has none. */
  boot(name: string): void {
    if (this.hasStopped || this.peers.get(name)?.isAlive) return;
    const count = (this.booted.get(name) ?? 0) + 1;
    this.booted.set(name, count);
    const who = `${name}#${count}`;
    const { folder, pace = 20 } = this.options;
    const journal = join(folder, `${who}.jsonl`);
    this.records.follow(journal);
    const peer = new PeerProcess({
      who,
      conf: join(folder, `${name}.conf`),
      endpoint: this.link(name).endpoint,
      namespace,
      ttl,
      resource: this.resource.port,
      journal,
      pace,
      log: join(folder, `${name}.log`),
    });
    void peer.gone.then(() => {
      this.records.note({ at: now(), type: 'ended', who });
      if (peer.crash !== undefined) this.crashes.push(peer.crash);
    });
    this.peers.set(name, peer);
  }

  /** Writes a configuration that gives a group to a peer. Nobody is told of it. */
  place(group: string, name: string): void {
    this.placed.set(group, name);
    const volumes = this.options.groups[group]!;
    this.records.note({ at: now(), type: 'moved', volumes, to: name });
    this.writeConfiguration();
  }

  /** Tells a peer to reload; whoever stands still does it later. Never rejects. */
  async reload(name: string, supersede = false): Promise<void> {
    await this.peer(name)
      .ask('reload', { supersede }, 30_000)
      .catch(() => undefined);
  }

  /** Everything that was done to links, processes and keys is over. */
  async heal(healing: Healing): Promise<void> {
    for (const link of this.links.values()) link.heal(healing);
    for (const name of peerNames) {
      this.peer(name).signal('SIGCONT');
      this.boot(name);
    }
    await Promise.all([...this.peers.values()].map(({ up }) => up));
    for (let tries = 0; ; tries++) {
      try {
        await this.operator.tidyUp();
        break;
      } catch (thrown) {
        // It may have no leader yet.
        if (tries === 50) throw thrown;
        await passes(100);
      }
    }
    this.records.note({ at: now(), type: 'healed' });
  }

  /** Kills etcd, and starts it again with what it had. */
  async restartEtcd(afterMs: number): Promise<void> {
    await this.etcd.die();
    await passes(afterMs);
    if (!this.hasStopped) await this.etcd.startAgain();
  }

  /** A moment of which every process that answers has written down all. */
  async writtenDown(): Promise<number> {
    const moment = now();
    const asked = [...this.peers.values()].map((peer) => peer.status());
    await Promise.allSettled(asked);
    return moment;
  }

  /** Ends all processes, and lets go of ports. Nothing is started any more. */
  async stop(): Promise<void> {
    this.hasStopped = true;
    for (const peer of this.peers.values()) peer.kill();
    await Promise.all([...this.peers.values()].map(({ gone }) => gone));
    for (const link of this.links.values()) await link.close();
    await this.resource.close();
    await this.etcd.stop();
  }

  private writeConfiguration(): void {
    const { folder, groups } = this.options;
    writeConfigurations(folder, peerNames, groups, this.placed);
  }
}
