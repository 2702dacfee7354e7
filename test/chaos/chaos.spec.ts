import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEtcd } from '../leases/etcd-process.js';
import { peerNames, ttl } from './cluster.js';
import { fault } from './directed.js';
import { wreak } from './nemesis.js';
import { patience, start, type Running } from './running.js';

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
});
