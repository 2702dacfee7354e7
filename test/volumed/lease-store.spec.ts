import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeerProcess } from 'volumed/demo';
import { rawRequest } from 'volumed/raw-http';
import { EtcdProcess, hasEtcd } from '../leases/etcd-process.js';
import { TestCluster } from './cluster.fixture.js';

const path = '/volumes/v/file';

describe.skipIf(!hasEtcd)('a peer that knows which etcd it used', () => {
  let etcd: EtcdProcess;
  let running: TestCluster;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
    const leases = ['--etcd', etcd.endpoint, '--lease-ttl', '2'];
    running = await TestCluster.start({ args: leases, peers: ['a'] });
  });
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    await etcd?.stop();
  });

  it('serves nothing after a restart if that has lost its data, until an operator has tidied up (F72)', async () => {
    const first = running.cluster.peer('a');
    await first.stop();
    const { options } = first;
    const store = join(running.folder, 'a.store');
    const args = [...(options.args ?? []), '--lease-store', store];
    const start = (): PeerProcess => new PeerProcess({ ...options, args });
    const get = () => rawRequest(options.port, 'GET', path);
    let peer = start();
    try {
      await peer.ready();
      const upload = await rawRequest(options.port, 'PUT', path, {
        body: 'kept',
      });
      expect(upload.status).toBe(201);
      await peer.stop();
      await etcd.die();
      etcd.wipe();
      await etcd.startAgain();
      peer = start();
      await peer.until('to know that it is another one', async () => {
        const status = await peer.status().catch(() => undefined);
        return status?.leases?.session === 'otherStore';
      });
      expect((await get()).status).toBe(503);
      expect(await peer.log()).toContain('nothing is served until');
      await peer.stop();
      await rm(store);
      await rm(join(running.folder, 'data/v/.volumed-fence'), {
        recursive: true,
      });
      peer = start();
      await peer.ready();
      expect(await get()).toMatchObject({ status: 200, body: 'kept' });
    } finally {
      await peer.stop('SIGKILL');
    }
  });
});
