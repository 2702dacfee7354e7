import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Chance } from '../simulation/chance.js';
import { Cluster } from './cluster.js';
import type { Groups } from './configurations.js';
import { Judgement } from './judgement.js';
import { describeFault, drawFaults, wreak } from './nemesis.js';
import { Tally } from './tally.js';
import { wideRound, wideGroups } from './wide-round.js';

export interface ChaosOptions {
  /** It begins no round after this. */
  readonly minutes: number;
  readonly seed: number;
  /** Only the round with this number. */
  readonly only?: number | undefined;
  /** An existing, empty folder for what is written down. */
  readonly folder: string;
  /** Told what goes on. */
  readonly tell: (line: string) => void;
  /** Ends the run early, in order. */
  readonly signal?: AbortSignal;
}

export interface ChaosResult {
  readonly tally: Tally;
  /** What to print of the round that broke a law. */
  readonly failure: string | undefined;
}

const groups: Groups = {
  g1: ['v1', 'v2'],
  g2: ['v3', 'v4'],
  g3: ['v5'],
  g4: ['v6'],
};
/** A cluster is as old as this many rounds: then a new one begins. */
const roundsOfCluster = 10;
/** Until a new cluster serves everything, in milliseconds. */
const timeToBegin = 20_000;

/** Some rounds, the last one included. */
interface Stretch {
  readonly first: number;
  readonly last: number;
  /** When no further round begins. */
  readonly end: number;
}

/**
 * Round after round: faults, the end of all faults, and all must be as
 * configured. The first round of each cluster is the one with many volumes.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { minutes, only, signal } = options;
  const tally = new Tally();
  const end = performance.now() + minutes * 60_000;
  let failure: string | undefined;
  for (let round = only ?? 0; failure === undefined;) {
    const isOver = performance.now() >= end || signal?.aborted;
    if (isOver || (only !== undefined && round > only)) break;
    const last = only ?? round + roundsOfCluster - 1;
    failure = await runRounds(options, tally, { first: round, last, end });
    round = last + 1;
  }
  return { tally, failure };
}

/** Rounds with a cluster for the wide one, and with one for the others. Returns what went wrong. */
async function runRounds(
  options: ChaosOptions,
  tally: Tally,
  { first, last, end }: Stretch,
): Promise<string | undefined> {
  if (first % roundsOfCluster > 0) {
    return withCluster(options, tally, groups, { first, last, end });
  }
  const wide = { first, last: first, end };
  const failure = await withCluster(options, tally, wideGroups, wide);
  if (failure !== undefined || first === last) return failure;
  const others = { first: first + 1, last, end };
  return withCluster(options, tally, groups, others);
}

/** Whatever happens, nothing is left of the cluster. */
async function withCluster(
  options: ChaosOptions,
  tally: Tally,
  withGroups: Groups,
  stretch: Stretch,
): Promise<string | undefined> {
  if (performance.now() >= stretch.end || options.signal?.aborted) return;
  const folder = join(options.folder, `from-round-${stretch.first}`);
  mkdirSync(folder);
  const cluster = await Cluster.start({ folder, groups: withGroups });
  const judgement = new Judgement(cluster, tally);
  const run = async (): Promise<string | undefined> => {
    const obstacle = await judgement.ofPeace(timeToBegin);
    if (obstacle !== undefined) return `Before any fault: ${obstacle}`;
    return onCluster(options, cluster, judgement, tally, stretch);
  };
  try {
    return await Promise.race([run(), aborted(options.signal)]);
  } finally {
    await cluster.stop();
  }
}

async function onCluster(
  options: ChaosOptions,
  cluster: Cluster,
  judgement: Judgement,
  tally: Tally,
  { first, last, end }: Stretch,
): Promise<string | undefined> {
  for (let round = first; round <= last && performance.now() < end; round++) {
    const chance = new Chance(options.seed * 7919 + round);
    const isWide = round % roundsOfCluster === 0;
    const faults = isWide ? [] : drawFaults(chance, groups);
    const lines = isWide ? ['a thousand at once'] : faults.map(describeFault);
    options.tell(`round ${round}: ${lines.join('; ')}`);
    const healing = chance.oneOf(['flush', 'break'] as const);
    const trouble = isWide ? wideRound(cluster) : wreak(cluster, faults);
    const failure = await trouble
      .then(() => cluster.heal(healing))
      .then(() => judgement.ofPeace())
      .catch(String);
    tally.rounds++;
    if (failure !== undefined) {
      return describeFailure(options, round, lines, failure);
    }
    const took = Math.round(tally.recoveries.at(-1)!);
    options.tell(`  as configured after ${took} ms`);
  }
  return undefined;
}

function describeFailure(
  { seed, folder }: ChaosOptions,
  round: number,
  faults: readonly string[],
  failure: string,
): string {
  return [
    `Round ${round} of seed ${seed} has broken a law:`,
    failure,
    'What was done:',
    ...faults.map((line) => `  ${line}`),
    `Again: npm run test:chaos -- --seed ${seed} --round ${round}`,
    `What was written down is in ${folder}.`,
  ].join('\n');
}

function aborted(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => resolve(undefined);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
