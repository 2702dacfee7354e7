import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEtcd } from '../leases/etcd-process.js';
import { runChaos } from './chaos-run.js';
import { Cluster, peerNames, ttl } from './cluster.js';
import { fault } from './directed.js';
import { Judgement } from './judgement.js';
import { wreak } from './nemesis.js';

const isLong = process.env['TRANSITIONS_TEST_LONG'] === '1';

/** On a machine that is busy with other tests. */
const patience = 60_000;
const groups = { g1: ['v1', 'v2'], g2: ['v3', 'v4'], g3: ['v5', 'v6'] };

interface Running extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly judgement: Judgement;
  stop(): Promise<void>;
}

/** Groups g1, g2 and g3 are at the peers a, b and c, and served there. */
async function start(): Promise<Running> {
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

function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'transitions-chaos-'));
}

describe.skipIf(!hasEtcd)('three processes with an etcd', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(() => running?.stop());

  it('serve no volume twice, take no stale write and recover while one moves, stands still, dies, is cut off and is robbed (F56, F62, F63, F65, F67, F77, I32, I33, I34, I35, I36, I37, I38)', async () => {
    const { cluster, judgement } = running;
    await wreak(cluster, [
      fault('cut', { peer: 'b', link: 'repliesHeld', length: 500 }),
      fault('stopAndMove', { peer: 'a', length: 1.5 * ttl * 1_000 }),
      fault('move', { at: 200, group: 'g2', peer: 'c', lags: [0, 300, 0] }),
      fault('revoke', { at: 800, volume: 'v5' }),
      fault('kill', { at: 1_500, peer: 'c', length: 0 }),
      fault('overwriteKey', { at: 2_500, volume: 'v6' }),
    ]);
    await cluster.heal('flush');
    expect(await judgement.ofPeace(patience)).toBeUndefined();
    expect(cluster.resource.accepted).toBeGreaterThan(100);
  });

  it('are caught when one of them lets a volume go before it is unserved', async () => {
    const { cluster, judgement } = running;
    const peer = cluster.placed.get('g1')!;
    await cluster.peer(peer).ask('bug', { bug: 'releasesBeforeUnserve' });
    const others = peerNames.filter((name) => name !== peer);
    // The one that takes the volume hears of it first, and waits for it.
    const lags = peerNames.map((name) => (name === peer ? 400 : 0));
    await wreak(cluster, [fault('move', { peer: others[0]!, lags })]);
    await judgement.ofPeace(patience);
    expect(await judgement.laws()).toContain('I32');
  });

  it.skipIf(!isLong)(
    'are caught when one writes on after its time, and the resource takes it',
    async () => {
      await using other = await start();
      const { cluster, judgement } = other;
      await cluster.peer('a').ask('bug', { bug: 'asksNoGate' });
      cluster.resource.checksTokens = false;
      const length = 2 * ttl * 1_000;
      await wreak(cluster, [fault('stopAndMove', { length })]);
      await cluster.heal('flush');
      await judgement.ofPeace(patience);
      const laws = new Set(await judgement.laws());
      expect(laws).toContain('I34');
      expect(laws).toContain('I32');
    },
  );
});

describe.skipIf(!hasEtcd || !isLong)('a minute of chaos', () => {
  it('breaks no law (F56, F62, F63, F65, F67, F68, F69, F70, F74, F77, I32, I33, I34, I35, I36, I37, I38)', async () => {
    const seed = Date.now() % 1_000_000;
    const folder = makeFolder();
    const tell = (line: string): void => console.log(line);
    const options = { minutes: 1, seed, folder, tell };
    const { failure, tally } = await runChaos(options);
    console.log(tally.describe());
    // What was written down is kept where a law was broken.
    expect(failure).toBeUndefined();
    rmSync(folder, { recursive: true });
    expect(tally.rounds).toBeGreaterThan(1);
  });
});
