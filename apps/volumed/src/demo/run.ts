import type { DemoArguments } from './arguments.js';
import { Cluster } from './cluster.js';
import { DemoEtcd } from './etcd.js';
import { Load } from './load.js';
import type { Seen } from './report.js';
import { takeOver } from './take-over.js';
import { VolumeClient } from './volume-client.js';

/** How much the demo does, and where. */
export interface RunOptions extends DemoArguments {
  /** An existing, empty folder. */
  readonly folder: string;
  /** Told what goes on. */
  readonly tell?: (sentence: string) => void;
}

const peers = ['peer-a', 'peer-b', 'peer-c'];

/**
 * Starts three peers, puts load on them, moves every volume from peer to peer
 * as often as there are rounds, one group after the other, and shuts them down.
 * The requests are spread evenly over the time before, between and after the
 * hand-overs. With leases the volumes move by plain reloads, and then one peer is
 * killed and the others take its volumes over.
 *
 * @throws NoEtcdError when leases are asked for and there is nowhere to keep them.
 */
export async function runDemo(options: RunOptions): Promise<Seen> {
  const { folder, clients, tell = () => {} } = options;
  const groups = groupsOf(options.groups);
  await using etcd = await DemoEtcd.of(options);
  tell(`Starting ${peers.length} peers …`);
  if (etcd !== undefined) tell(`Their leases are in etcd at ${etcd.url}.`);
  const args = etcd?.peerArguments ?? [];
  const cluster = await Cluster.start({ folder, peers, groups, args });
  const origins = cluster.peers.map(({ url }) => url);
  const client = new VolumeClient(origins, clients);
  const volumes = Object.values(groups).flat();
  const load = new Load(client, { volumes, clients, fileBytes: 4096 });
  tell(
    `They serve ${volumes.length} volumes at ${origins.join(', ')}; ${clients} clients begin.`,
  );
  const began = performance.now();
  try {
    await load.start();
    const handOvers = await moveAround(cluster, load, options);
    const killed = etcd && (await takeOver({ cluster, load, client, tell }));
    await load.until(options.requests);
    await load.stop();
    const seconds = (performance.now() - began) / 1_000;
    const exits = await cluster.stop();
    if (exits.some((code) => code !== 0 && code !== null)) {
      throw new Error(`Peers ended with ${exits.join(', ')}; see ${folder}`);
    }
    const servings = await cluster.servings();
    const { atRest, moving } = load;
    return { atRest, moving, servings, handOvers, seconds, killed };
  } finally {
    await load.stop();
    await client.close();
    await cluster.stop();
  }
}

async function moveAround(
  cluster: Cluster,
  load: Load,
  { groups, rounds, requests, etcd, tell = () => {} }: RunOptions,
): Promise<number> {
  const handOvers = groups * rounds;
  // One stretch of rest before each hand-over, and two behind the last.
  const stretch = requests / (handOvers + 2);
  for (let round = 1; round <= rounds; round++) {
    for (let index = 0; index < groups; index++) {
      const done = (round - 1) * groups + index;
      await load.until((done + 1) * stretch);
      const peer = peers[(index + round) % peers.length]!;
      const to = cluster.withPrimaries({ [groupName(index)]: peer });
      await load.whileMoving(async () => {
        if (etcd === undefined) return cluster.handOver(to);
        await cluster.apply(to);
        await cluster.untilServed([groupName(index)]);
      });
    }
    tell(`Round ${round} of ${rounds}: every volume is at its next peer.`);
  }
  await load.until((handOvers + 1) * stretch);
  return handOvers;
}

function groupsOf(count: number): Record<string, string[]> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      groupName(index),
      [1, 2].map((number) => `v${index * 2 + number}`),
    ]),
  );
}

function groupName(index: number): string {
  return `g${index + 1}`;
}
