import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasEtcd } from '../leases/etcd-process.js';
import { runChaos } from './chaos-run.js';
import { ttl } from './cluster.js';
import { fault } from './directed.js';
import { wreak } from './nemesis.js';
import { makeFolder, patience, start } from './running.js';

describe.skipIf(!hasEtcd)('three processes with an etcd', () => {
  it('are caught when one writes on after its time, and the resource takes it', async () => {
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
  });
});

describe.skipIf(!hasEtcd)('a minute of chaos', () => {
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
