// `node bench/dist/simulation.js`: what happens in a whole cluster when
// everybody reloads at once, computed from the figures of one process. `--help`
// shows the options.
import { parseArgs } from 'node:util';

/** What is simulated. */
export interface Cluster {
  readonly peers: number;
  readonly volumes: number;
  readonly moved: number;
  readonly callback: number;
  readonly concurrency: number;
  readonly spread: number;
  readonly store: number;
}

/** What one process needs, as it was measured; see docs/scaling.md. */
export const measured = {
  bytesPerVolume: 240,
  heapPerVolume: 375,
  parseSecondsPerVolume: 2.1e-6,
  reloadSecondsPerVolume: 1e-6,
};

/**
 * How long volumes are without a server, in seconds, and when everything is
 * over.
 */
export interface HandOver {
  readonly gapMedian: number;
  readonly gapLongest: number;
  readonly finished: number;
}

/**
 * One wave: each peer begins at its own time, reads the file, releases the
 * volumes that it loses one after the other, and takes those that it gains,
 * each when its former server has released it. Claims and releases queue at one
 * store.
 */
export function simulateHandOver(cluster: Cluster): HandOver {
  const { peers, volumes, moved, callback, concurrency, spread } = cluster;
  const random = linearCongruence(1);
  const reload = volumes * measured.reloadSecondsPerVolume;
  const begins = Array.from(
    { length: peers },
    () => random() * spread + reload,
  );
  const leaving = Math.round((volumes * moved) / peers);
  const store = new Store(cluster.store);
  const step = callback / 1000 / concurrency;
  const releases = begins
    .flatMap((begin, from) =>
      Array.from({ length: leaving }, (_, at) => ({
        from,
        stopped: begin + (at + 1) * step,
        to: Math.floor(random() * peers),
      })),
    )
    .sort((a, b) => a.stopped - b.stopped);
  // A peer serves nothing new until it has unserved all that it loses.
  const free = begins.map((begin) => begin + leaving * step);
  const gaps: number[] = [];
  let finished = 0;
  for (const { stopped, to } of releases) {
    const claimed = store.take(store.take(stopped));
    const served = Math.max(claimed, free[to]!) + step;
    free[to] = served;
    gaps.push(served - stopped);
    finished = Math.max(finished, served);
  }
  gaps.sort((a, b) => a - b);
  return {
    gapMedian: gaps[gaps.length >> 1] ?? 0,
    gapLongest: gaps.at(-1) ?? 0,
    finished,
  };
}

/** A store that takes so many requests per second, one after the other. */
class Store {
  private busyUntil = 0;

  constructor(private readonly perSecond: number) {}

  /** When a request that comes at a given time is done. */
  take(moment: number): number {
    const begun = Math.max(moment, this.busyUntil);
    this.busyUntil = begun + 1 / this.perSecond;
    return this.busyUntil;
  }
}

function linearCongruence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function describe(cluster: Cluster): string {
  const { gapMedian, gapLongest, finished } = simulateHandOver(cluster);
  const file = cluster.volumes * measured.bytesPerVolume;
  const heap =
    cluster.volumes * (measured.heapPerVolume + measured.bytesPerVolume);
  return [
    `file           ${gigabytes(file)}, sent to all peers ${gigabytes(file * cluster.peers)}`,
    `heap           ${gigabytes(heap)} in each peer`,
    `first parse    ${(cluster.volumes * measured.parseSecondsPerVolume).toFixed(1)} s of a core in each peer`,
    `reload         ${(cluster.volumes * measured.reloadSecondsPerVolume).toFixed(1)} s of a core in each peer`,
    `hand-over      ${Math.round(cluster.volumes * cluster.moved)} volumes, done after ${finished.toFixed(1)} s`,
    `without server ${gapMedian.toFixed(2)} s in the median, ${gapLongest.toFixed(1)} s at most`,
  ].join('\n');
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;
}

const defaults: Cluster = {
  peers: 1000,
  volumes: 10_000_000,
  moved: 0.01,
  callback: 20,
  concurrency: 1,
  spread: 0,
  store: 25_000,
};

const meanings: Record<keyof Cluster, string> = {
  peers: 'peers in the cluster',
  volumes: 'volumes of all of them',
  moved: 'share of the volumes that change their peer',
  callback: 'milliseconds that an unserve takes, and a serve',
  concurrency: 'callbacks that a peer runs at once',
  spread: 'seconds over which the peers begin',
  store: 'claims and releases a second that the lease store takes',
};

const names = Object.keys(defaults) as (keyof Cluster)[];

function usage(): string {
  const options = names.map(
    (name) =>
      `  --${name.padEnd(12)} ${meanings[name]} (default ${defaults[name]})`,
  );
  return `Usage: node bench/dist/simulation.js [options]

What a cluster goes through when every peer reloads at once. All options are numbers.

${options.join('\n')}
  --help         shows this`;
}

/** The cluster that the arguments describe; undefined if they ask for help. */
function readCluster(args: string[]): Cluster | undefined {
  const options = Object.fromEntries(
    names.map((name) => [name, { type: 'string' as const }]),
  );
  const { values } = parseArgs({
    args,
    options: { ...options, help: { type: 'boolean' } },
  });
  const { help, ...given } = values;
  if (help === true) return undefined;
  const numbers = Object.entries(given).map(([name, text]) => {
    const number = Number(text);
    if (String(text).trim() !== '' && number >= 0) return [name, number];
    throw new Error(`--${name} is "${text}"; expected a number, 0 or more`);
  });
  return { ...defaults, ...Object.fromEntries(numbers) } as Cluster;
}

if (process.argv[1] === import.meta.filename) {
  try {
    const cluster = readCluster(process.argv.slice(2));
    console.log(cluster === undefined ? usage() : describe(cluster));
  } catch (thrown) {
    console.error(`${(thrown as Error).message}\n\n${usage()}`);
    process.exitCode = 1;
  }
}
