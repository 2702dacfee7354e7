import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { maxNoteBytes, type ServingLeases } from 'nestjs-transitions/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { claimed, free, never } from './serving-leases.contract.js';

const week = 7 * 24 * 60 * 60;

describe.skipIf(!hasEtcd)('in etcd', () => {
  let etcd: EtcdProcess;
  let leases: ServingLeases;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
    const endpoints = [etcd.endpoint];
    leases = etcdServingLeases({ endpoints, namespace: 'test' });
  });
  afterAll(async () => {
    await leases.close();
    await etcd.stop();
  });

  const write = (key: string, value: unknown): Promise<void> =>
    etcd.gateway.put(key, JSON.stringify(value));

  const endsOf = async (volumes: readonly string[]): Promise<unknown[]> => {
    const session = await leases.openSession('B', never);
    const answers = await session.claim(volumes.map(free), never);
    await session.end(never);
    return answers.map(
      (answer) => 'predecessor' in answer && answer.predecessor?.end,
    );
  };

  it('the end of a session is known for a week, and what is claimed after that has expired', async () => {
    const session = await leases.openSession('A', never);
    await session.claim([free('photos'), free('music')], never);
    await session.endInOrder(never);
    const key = `test/ended/${session.id}`;
    const lease = (await etcd.gateway.get(key))?.lease;
    const { grantedTTL } = await etcd.gateway.ask('lease/timetolive', {
      ID: lease,
    });
    expect(grantedTTL).toBe(String(week));
    expect(await endsOf(['photos'])).toEqual(['released']);
    await etcd.gateway.ask('lease/revoke', { ID: lease });
    expect(await etcd.gateway.get(key)).toBeUndefined();
    expect(await endsOf(['music'])).toEqual(['expired']);
  });

  it('the end of a session is written as its volumes become free', async () => {
    const session = await leases.openSession('A', never);
    await claimed(session, 'letters');
    const { revision } = await leases.list(never);
    await session.endInOrder(never);
    const ended = await etcd.gateway.get(`test/ended/${session.id}`);
    for await (const [change] of leases.changes(revision, never)) {
      expect(change).toMatchObject({ session: session.id });
      expect(change!.revision).toBe(BigInt(ended!.mod_revision));
      break;
    }
    expect.assertions(2);
  });

  it('long notes make neither listings nor changes longer', async () => {
    const session = await leases.openSession('A', never);
    const volumes = Array.from({ length: 240 }, (_, index) => `noted-${index}`);
    const claims = await session.claim(volumes.map(free), never);
    const note = 'x'.repeat(maxNoteBytes);
    const releases = claims.map(({ volume, token }) => ({
      volume,
      token: token!,
      note,
    }));
    await session.release(releases, never);
    const keys = await etcd.gateway.getAll('test/leases/');
    const bytes = keys.reduce((sum, { value }) => sum + value.length, 0);
    expect(bytes).toBeLessThan(100 * keys.length);
    const [again] = await session.claim([free(volumes[0]!)], never);
    expect(again).toMatchObject({ predecessor: { end: 'released', note } });
    await session.end(never);
  });

  it('as many volumes as go into one request may have had as many sessions, and may leave as many notes', async () => {
    const names = Array.from({ length: 480 }, (_, index) => `had-${index}`);
    for (const name of names)
      await write(`test/leases/volumes/${name}`, {
        owner: 'A',
        session: `of ${name}`,
      });
    const session = await leases.openSession('B', never);
    const claims = await session.claim(names.map(free), never);
    const note = 'short';
    const releases = claims.map(({ volume, token }) => ({
      volume,
      token: token!,
      note,
    }));
    await session.release(releases, never);
    const again = await session.claim(names.map(free), never);
    const told = again.map((answer) => 'predecessor' in answer && answer);
    expect(told).toMatchObject(
      names.map(() => ({ predecessor: { end: 'released', note } })),
    );
    await session.end(never);
  });

  it('an operator takes a volume from a peer by writing that its claim has expired', async () => {
    const session = await leases.openSession('A', never);
    const { token } = await claimed(session, 'maps');
    const { revision } = await leases.list(never);
    const expired = { owner: 'A', expired: String(token) };
    await write('test/leases/volumes/maps', expired);
    for await (const [change] of leases.changes(revision, never)) {
      expect(change).toMatchObject({ volume: 'maps', holder: undefined });
      break;
    }
    expect((await leases.list(never)).held).toEqual([]);
    const next = await leases.openSession('B', never);
    const { predecessor } = await claimed(next, 'maps');
    expect(predecessor).toEqual({
      owner: 'A',
      token,
      end: 'expired',
      note: '',
    });
    await session.release([{ volume: 'maps', token, note: 'late' }], never);
    expect((await leases.list(never)).held).toHaveLength(1);
    await next.end(never);
  });

  it('a session whose key is written by hand is over, as if the key had been deleted', async () => {
    const session = await leases.openSession('A', never);
    const { token } = await claimed(session, 'plays');
    const { revision } = await leases.list(never);
    await write(`test/leases/sessions/${session.id}`, { owner: 'A' });
    for await (const [change] of leases.changes(revision, never)) {
      expect(change).toMatchObject({ session: session.id });
      break;
    }
    const { sessions, held } = await leases.list(never);
    expect(sessions.has(session.id)).toBe(false);
    expect(held.map(({ volume }) => volume)).not.toContain('plays');
    await expect(session.claim([free('songs')], never)).rejects.toThrow(
      `the session ${session.id} is over`,
    );
    expect(await session.renew(never)).toBeUndefined();
    const next = await leases.openSession('B', never);
    const { predecessor } = await claimed(next, 'plays');
    expect(predecessor).toEqual({
      owner: 'A',
      token,
      end: 'expired',
      note: '',
    });
    await next.end(never);
  });

  it('a session whose process ended between the word of its end and the end itself holds its volumes, released, until its time is over', async () => {
    const session = await leases.openSession('A', never);
    await claimed(session, 'films');
    await write(`test/ended/${session.id}`, { owner: 'A' });
    const other = await leases.openSession('B', never);
    const [answer] = await other.claim([free('films')], never);
    expect(answer).toMatchObject({ holder: { session: session.id } });
    await etcd.gateway.revoke(session.id);
    const { predecessor } = await claimed(other, 'films');
    expect(predecessor).toMatchObject({ owner: 'A', end: 'released' });
    await other.end(never);
  });
});
