import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { PeerProcess } from 'volumed/demo';
import { makeFolder, TestCluster } from './cluster.fixture.js';

it('a peer whose file is broken boots with the last good configuration, says so, and heals', async () => {
  const folder = await makeFolder();
  const lastGood = join(folder, 'last-good.conf');
  await using running = await TestCluster.start({
    peers: ['a'],
    args: ['--last-good', lastGood],
  });
  const { options } = running.cluster.peer('a');
  const whole = await readFile(options.conf, 'utf8');
  const before = await running.cluster.peer('a').status();
  expect([before.stale, before.served]).toEqual([null, ['v']]);
  await running.cluster.peer('a').stop();

  await writeFile(options.conf, whole.replace('[Cluster]', '[Cluster'));
  const peer = new PeerProcess(options);
  try {
    await peer.ready();
    expect(await ready(peer)).toEqual({ ready: true, stale: true });
    const stale = await peer.status();
    expect(stale.served).toEqual(['v']);
    expect(stale.stale?.origin).toContain(lastGood);
    expect(stale.stale?.errors.join()).toContain(`${options.conf}:1`);
    expect(await peer.log()).toContain('stale: the configuration in force');

    peer.signal('SIGHUP');
    await peer.until('to refuse', async () => {
      const { last } = await peer.status();
      return last?.outcome === 'rejected';
    });
    expect((await peer.status()).stale).toEqual(stale.stale);

    await writeFile(options.conf, whole);
    await peer.reload();
    expect(await ready(peer)).toEqual({ ready: true });
    expect((await peer.status()).stale).toBeNull();
  } finally {
    await peer.stop('SIGKILL');
    await rm(folder, { recursive: true });
  }
});

async function ready(peer: PeerProcess): Promise<unknown> {
  const { body } = await request(`${peer.url}/ready`);
  return body.json();
}
