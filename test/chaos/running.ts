import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from './cluster.js';
import { Judgement } from './judgement.js';

/** On a machine that is busy with other tests. */
export const patience = 60_000;
const groups = { g1: ['v1', 'v2'], g2: ['v3', 'v4'], g3: ['v5', 'v6'] };

export interface Running extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly judgement: Judgement;
  stop(): Promise<void>;
}

/** Groups g1, g2 and g3 are at the peers a, b and c, and served there. */
export async function start(): Promise<Running> {
  const folder = makeFolder();
  const cluster = await Cluster.start({ folder, groups, pace: 5 });
  const stop = async (): Promise<void> => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  };
  const judgement = new Judgement(cluster);
  const obstacle = await judgement.ofPeace(patience);
  if (obstacle === undefined) {
    return { cluster, judgement, stop, [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error(obstacle);
}

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'transitions-chaos-'));
}
