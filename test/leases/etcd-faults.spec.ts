import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import {
  etcdServingLeases,
  type EtcdServingLeasesOptions,
} from '@nestjs-transitions/etcd';
import {
  LeaseStoreError,
  type LeaseChange,
  type ServingLeases,
} from 'nestjs-transitions/core';
import { describe, expect, it, type TestContext } from 'vitest';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { claimed, free, heldIn, never } from './serving-leases.contract.js';

const soon = 5_000;

describe.skipIf(!hasEtcd).concurrent('an etcd that', () => {
  it('is killed and started again keeps what is held, gives sessions their whole ttl, and tokens grow (F69, I33)', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd, { ttl: 4 });
    const session = await leases.openSession('A', never);
    const { token } = await claimed(session, 'photos');
    await passes(2_500);
    await etcd.die();
    // The first one may have been on its way.
    await expect(session.renew(within())).rejects.toThrow(LeaseStoreError);
    await expect(session.renew(within())).rejects.toThrow(
      /cannot be reached: 127\.0\.0\.1:\d+: .*ECONNREFUSED/,
    );
    const startedAt = performance.now();
    await etcd.startAgain();
    // What was held before is held, for longer than was left of it.
    const watcher = open(t, etcd);
    while ((await heldIn(watcher)).length > 0) await passes(50);
    expect(performance.now() - startedAt).toBeGreaterThan(3_000);
    const next = await leases.openSession('A', never);
    expect(next.storeId).toBe(session.storeId);
    expect((await claimed(next, 'photos')).token).toBeGreaterThan(token);
  });

  it('stands still for longer than sessions live answers the first renewal after it: gone (F70)', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd, { ttl: 2 });
    const session = await leases.openSession('A', never);
    await claimed(session, 'photos');
    await etcd.pause();
    const asked = performance.now();
    await expect(session.renew(AbortSignal.timeout(700))).rejects.toThrow(
      LeaseStoreError,
    );
    expect(performance.now() - asked).toBeLessThan(soon);
    await passes(3_000);
    etcd.resume();
    await until(async () => (await session.renew(within())) === undefined);
    expect(await heldIn(leases)).toEqual([]);
  });

  it('does not answer is waited for no longer than callTimeout', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd, { callTimeout: 400 });
    const session = await leases.openSession('A', never);
    await etcd.pause();
    const asked = performance.now();
    const calls = [
      session.renew(never),
      session.claim([free('photos')], never),
      session.release([{ volume: 'photos', token: 1n, note: '' }], never),
      session.end(never),
      leases.list(never),
      leases.openSession('B', never),
    ];
    const ends = await Promise.allSettled(calls);
    expect(performance.now() - asked).toBeLessThan(soon);
    for (const end of ends)
      expect(end).toMatchObject({ reason: expect.any(LeaseStoreError) });
    etcd.resume();
    // What was asked for may happen all the same.
    const { storeId } = await leases.list(within());
    expect(storeId).toBe(session.storeId);
  });

  it('falls silent ends the stream of changes (F75)', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd);
    const session = await leases.openSession('A', never);
    const { revision } = await leases.list(never);
    const changes = iteratorOf(leases, revision);
    await claimed(session, 'photos');
    expect(await changes.next()).toMatchObject({
      value: [{ volume: 'photos' }],
    });
    const next = changes.next();
    const silentSince = performance.now();
    await etcd.pause();
    await expect(next).rejects.toThrow(/silent for 5000 ms/);
    expect(performance.now() - silentSince).toBeLessThan(5_000 + soon);
    etcd.resume();
    expect(await heldIn(leases)).toEqual(['photos']);
  });

  it('says nothing because nothing happens does not end the stream (F75)', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd);
    const session = await leases.openSession('A', never);
    const { revision } = await leases.list(never);
    const changes = iteratorOf(leases, revision);
    const next = changes.next();
    await passes(7_000);
    await claimed(session, 'photos');
    expect(await next).toMatchObject({ value: [{ volume: 'photos' }] });
  });

  it('is killed ends the stream of changes at once', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd);
    const { revision } = await leases.list(never);
    // It is caught from the beginning: it may come before the process has ended.
    const broken = iteratorOf(leases, revision)
      .next()
      .catch((thrown: unknown) => thrown);
    // So that the stream is open.
    await leases.list(never);
    await etcd.die();
    expect(await broken).toBeInstanceOf(LeaseStoreError);
  });

  it('lost its data is another store, though its cluster has the same id (F72)', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd, { ttl: 2 });
    const session = await leases.openSession('A', never);
    await claimed(session, 'photos');
    await etcd.die();
    etcd.wipe();
    await etcd.startAgain();
    const fresh = open(t, etcd);
    expect(await session.renew(within())).toBeUndefined();
    const { storeId } = await fresh.openSession('A', never);
    const cluster = (id: string): string => id.split('/')[0]!;
    expect(cluster(storeId)).toBe(cluster(session.storeId));
    expect(storeId).not.toBe(session.storeId);
    // Whoever saw more revisions than there are now is told so first, and of the other store then.
    await expect(leases.list(never)).rejects.toThrow(/went back from revision/);
    const again = await leases.openSession('A', never);
    expect(again.storeId).toBe(storeId);
    await claimed(again, 'photos');
    expect(await heldIn(leases)).toEqual(['photos']);
  });

  it('was restored from a backup is not believed by whoever saw more, until that starts again (F72)', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd, { ttl: 2 });
    const session = await leases.openSession('A', never);
    await etcd.die();
    etcd.backUp();
    await etcd.startAgain();
    await claimed(session, 'photos');
    await claimed(session, 'music');
    await etcd.die();
    etcd.restore();
    await etcd.startAgain();
    await expect(leases.list(never)).rejects.toThrow(/went back from revision/);
    await expect(leases.openSession('A', never)).rejects.toThrow(/went back/);
    // Also when it has come as far as it was before.
    const fresh = open(t, etcd);
    const another = await fresh.openSession('B', never);
    expect(another.storeId).toBe(session.storeId);
    for (const volume of ['a', 'b', 'c', 'd']) await claimed(another, volume);
    await expect(leases.openSession('A', never)).rejects.toThrow(/went back/);
    await expect(leases.list(never)).rejects.toThrow(/went back/);
  });

  it('is full opens no session, says why, and keeps and ends what is held (F71)', async (t) => {
    const etcd = await startEtcd(t, ['--quota-backend-bytes=200000']);
    const leases = open(t, etcd);
    const session = await leases.openSession('A', never);
    const { token } = await claimed(session, 'photos');
    await claimed(session, 'music');
    const { gateway } = etcd;
    await until(async () => {
      await gateway.put('x', ' '.repeat(100_000)).catch(() => undefined);
      const { alarms } = await gateway.ask('maintenance/alarm');
      return alarms !== undefined;
    });
    await expect(leases.openSession('B', never)).rejects.toThrow(
      /space exceeded.*what is held stays held/,
    );
    expect(await session.renew(never)).toBeDefined();
    expect(await heldIn(leases)).toEqual(['music', 'photos']);
    // Later versions of etcd take no release.
    const release = [{ volume: 'photos', token, note: '' }];
    const refusal = await session.release(release, never).then(
      () => undefined,
      (thrown: unknown) => String(thrown),
    );
    expect(refusal ?? 'space exceeded').toMatch(/space exceeded/);
    const left = refusal === undefined ? ['music'] : ['music', 'photos'];
    expect(await heldIn(leases)).toEqual(left);
    await expect(session.endInOrder(never)).rejects.toThrow(/space exceeded/);
    expect(await heldIn(leases)).toEqual([]);
    await gateway.makeRoom();
    const next = await leases.openSession('B', never);
    expect((await claimed(next, 'photos')).predecessor).toMatchObject({
      owner: 'A',
      token,
      end: refusal === undefined ? 'released' : 'expired',
    });
    const { predecessor } = await claimed(next, 'music');
    expect(predecessor).toMatchObject({ owner: 'A', end: 'expired' });
  });

  it('grants more than was asked for says so (F80)', async (t) => {
    const etcd = await startEtcd(t, ['--election-timeout=2000']);
    const leases = open(t, etcd, { ttl: 2 });
    const session = await leases.openSession('A', never);
    expect(session.ttl).toBe(3_000);
    expect(await session.renew(never)).toMatchObject({ ttl: 3_000 });
  });
});

describe.skipIf(!hasEtcd).concurrent('several endpoints', () => {
  it('are tried one after the other, at once', async (t) => {
    const etcd = await startEtcd(t);
    const leases = open(t, etcd, {
      endpoints: ['127.0.0.1:1', '127.0.0.1:2', etcd.endpoint],
      // To wait for a part of it, too, would take longer than that.
      callTimeout: 60_000,
    });
    const asked = performance.now();
    await leases.openSession('A', never);
    expect(performance.now() - asked).toBeLessThan(soon);
  });

  it('are left when they do not answer', async (t) => {
    const etcd = await startEtcd(t);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    t.onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const leases = open(t, etcd, {
      endpoints: [`127.0.0.1:${port}`, etcd.endpoint],
    });
    // Within callTimeout, or it would be refused.
    const session = await leases.openSession('A', never);
    expect(await session.renew(never)).toBeDefined();
  });
});

describe.skipIf(!hasEtcd)('a process', () => {
  it('ends by itself when its leases are closed, whatever became of etcd', async (t) => {
    const etcd = await startEtcd(t);
    const script = `
      const { etcdServingLeases } = await import('@nestjs-transitions/etcd');
      const never = new AbortController().signal;
      const leases = etcdServingLeases({ endpoints: ['${etcd.endpoint}'], namespace: 'demo' });
      const session = await leases.openSession('A', never);
      const { revision } = await leases.list(never);
      const following = (async () => {
        for await (const changes of leases.changes(revision, never)) console.log(changes.length);
      })().catch((error) => console.log(error.name));
      await session.claim([{ volume: 'photos', token: undefined }], never);
      const claims = session.claim([{ volume: 'music', token: undefined }], never).catch(() => {});
      await leases.close();
      await following;
      await claims;
      console.log('closed');`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { timeout: 15_000 },
    );
    expect(stdout).toMatch(/closed\n$/);
  });
});

async function startEtcd(
  t: TestContext,
  args: readonly string[] = [],
): Promise<EtcdProcess> {
  const etcd = await EtcdProcess.start(args);
  t.onTestFinished(() => etcd.stop());
  return etcd;
}

function open(
  t: TestContext,
  etcd: EtcdProcess,
  options: Partial<EtcdServingLeasesOptions> = {},
): ServingLeases {
  const leases = etcdServingLeases({
    endpoints: [etcd.endpoint],
    namespace: 'demo',
    ...options,
  });
  t.onTestFinished(() => leases.close());
  return leases;
}

function within(milliseconds = soon): AbortSignal {
  return AbortSignal.timeout(milliseconds);
}

function iteratorOf(
  leases: ServingLeases,
  revision: bigint,
): AsyncIterator<readonly LeaseChange[], unknown> {
  return leases.changes(revision, never)[Symbol.asyncIterator]();
}

/** Lets real time pass, because that is what is tested. */
function passes(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + soon;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('it was never so');
    await passes(50);
  }
}
