import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfMap, planHandOver } from 'nestjs-transitions';
import { findFreePorts } from './free-ports.js';
import { PeerProcess } from './peer-process.js';
import { readServings, type Serving } from './servings.js';

/** What a cluster is made of. */
export interface ClusterOptions {
  /** An existing folder for its files and its data. */
  readonly folder: string;
  readonly peers: readonly string[];
  /** Volume groups, dealt out to the peers in turn, and their volumes. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Further options of section `FileServer`. */
  readonly fileServer?: Readonly<Record<string, string>>;
  /** Further arguments of each volumed, and of its Node. */
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
}

/**
 * Real volumed processes on this machine that share one data folder and one
 * configuration file, as each peer includes it in a file of its own.
 */
export class Cluster {
  private constructor(
    private readonly folder: string,
    readonly peers: readonly PeerProcess[],
    /** The configuration of all peers, as it was written last. */
    public confMap: ConfMap,
  ) {}

  /** Starts all peers; resolves when they are ready for requests. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const { folder, args = [], nodeArgs = [] } = options;
    const ports = await findFreePorts(options.peers.length);
    const confMap = configurationOf(options, ports);
    await mkdir(join(folder, 'data'), { recursive: true });
    await writeWhole(join(folder, 'cluster.conf'), confMap.dump());
    const peers = await Promise.all(
      options.peers.map(async (name, index) => {
        const conf = join(folder, `${name}.conf`);
        await writeFile(conf, peerText(folder, name));
        const log = join(folder, `${name}.log`);
        const port = ports[index]!;
        return new PeerProcess({ name, port, conf, log, args, nodeArgs });
      }),
    );
    const cluster = new Cluster(folder, peers, confMap);
    try {
      await Promise.all(peers.map((peer) => peer.ready()));
    } catch (thrown) {
      await cluster.stop();
      throw thrown;
    }
    return cluster;
  }

  peer(name: string): PeerProcess {
    const found = this.peers.find((peer) => peer.name === name);
    if (found === undefined) throw new Error(`There is no peer ${name}`);
    return found;
  }

  /** The peer that the configuration has as the primary of a volume's group. */
  primaryOf(volume: string): string {
    const { confMap } = this;
    const group = confMap
      .getStrings('FSGlobals', 'VolumeGroupList')
      .find((name) =>
        confMap
          .getStrings(`VolumeGroup:${name}`, 'VolumeList')
          .includes(volume),
      );
    return confMap.getStrings(`VolumeGroup:${group}`, 'PrimaryPeer')[0] ?? '';
  }

  /** This configuration, with another primary for some groups. */
  withPrimaries(primaries: Readonly<Record<string, string>>): ConfMap {
    const edit = ConfMap.edit(this.confMap);
    for (const [group, peer] of Object.entries(primaries)) {
      edit.set(`VolumeGroup:${group}`, 'PrimaryPeer', [peer]);
    }
    return edit.build();
  }

  /**
   * Brings a configuration into force with a hand-over: the peers get the one
   * between first, and the new one when all have applied that.
   */
  async handOver(to: ConfMap): Promise<void> {
    const between = planHandOver(this.confMap, to);
    if (between !== this.confMap) await this.apply(between);
    await this.apply(to);
  }

  /** Writes a configuration, and resolves when every peer, or each of these, has applied it. */
  async apply(confMap: ConfMap, peers = this.peers): Promise<void> {
    await this.write(confMap);
    await Promise.all(peers.map((peer) => peer.reload()));
  }

  /**
   * Resolves when the primary of each of these groups serves its volumes. With
   * leases this may be later than when it has applied its configuration.
   */
  async untilServed(groups: readonly string[]): Promise<void> {
    for (const group of groups) {
      const section = `VolumeGroup:${group}`;
      const volumes = this.confMap.getStrings(section, 'VolumeList');
      const peer = this.peer(this.confMap.getString(section, 'PrimaryPeer'));
      await peer.until(`to serve group ${group}`, async () => {
        const { served } = await peer.status();
        return volumes.every((volume) => served.includes(volume));
      });
    }
  }

  /** Writes a configuration and tells no peer. */
  async write(confMap: ConfMap): Promise<void> {
    this.confMap = confMap;
    await writeWhole(join(this.folder, 'cluster.conf'), confMap.dump());
  }

  /**
   * From when to when which peer served which volume, by what the peers wrote
   * down. One that was killed served until its process had ended.
   */
  async servings(): Promise<Serving[]> {
    const servings = await readServings(
      this.peers.map(({ name }) => journalPath(this.folder, name)),
    );
    return servings.map((serving) => ({
      ...serving,
      to: Math.min(serving.to, this.peer(serving.peer).endedAt),
    }));
  }

  /** Shuts all peers down; resolves to their exit codes. */
  stop(): Promise<(number | null)[]> {
    return Promise.all(this.peers.map((peer) => peer.stop()));
  }
}

function configurationOf(
  { folder, peers, groups, fileServer }: ClusterOptions,
  ports: readonly number[],
): ConfMap {
  const groupSections = Object.entries(groups).map(
    ([name, volumes], index) =>
      [
        `VolumeGroup:${name}`,
        {
          VolumeList: volumes,
          PrimaryPeer: [peers[index % peers.length]!],
          VirtualIPAddr: [],
        },
      ] as const,
  );
  const peerSections = peers.map(
    (name, index) =>
      [
        `Peer:${name}`,
        { PublicIPAddr: '127.0.0.1', HTTPPort: `${ports[index]}` },
      ] as const,
  );
  return ConfMap.fromObject({
    Cluster: { Peers: peers },
    FileServer: {
      DataRoot: join(folder, 'data'),
      StatusPage: 'on',
      ...fileServer,
    },
    FSGlobals: { VolumeGroupList: Object.keys(groups) },
    ...Object.fromEntries([...peerSections, ...groupSections]),
  });
}

function peerText(folder: string, name: string): string {
  return [
    '[Cluster]',
    `WhoAmI: ${name}`,
    '',
    '.include ./cluster.conf',
    '',
    '[FileServer]',
    `ServingJournal: ${journalPath(folder, name)}`,
    '',
  ].join('\n');
}

function journalPath(folder: string, name: string): string {
  return join(folder, `${name}.servings`);
}

/** A reader sees the old text or the new one, and nothing between. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
