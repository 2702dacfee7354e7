import { describe, expect, it } from 'vitest';
import { LeaseBench } from '../../testing/lease-bench.js';
import { LeaseLostError } from './lease-lost.error.js';
import { LeaseStoreError, type LeaseListing } from './serving-leases.js';

/** A keeper that holds these, with the journal empty. */
async function benchHolding(...volumes: string[]): Promise<LeaseBench> {
  const bench = new LeaseBench();
  bench.keeper.start();
  await bench.settle(bench.keeper.claim(volumes));
  await bench.advance(10);
  bench.journal.length = 0;
  return bench;
}

/** What a claim hands out, as text. */
async function claim(
  bench: LeaseBench,
  ...volumes: string[]
): Promise<string[]> {
  const claimed = await bench.settle(bench.keeper.claim(volumes));
  return [...claimed.values()].map(({ volume, token }) => `${volume}:${token}`);
}

describe('a claim', () => {
  it('waits for the session, and gives each volume a token and its predecessor', async () => {
    const bench = new LeaseBench();
    const predecessor = {
      owner: 'there',
      token: 3n,
      end: 'released',
      note: 'all written',
    } as const;
    bench.predecessors.set('a', predecessor);
    bench.keeper.start();
    const claimed = await bench.settle(bench.keeper.claim(['a', 'b']));
    expect(claimed.get('a')).toMatchObject({ token: 11n, predecessor });
    expect(claimed.get('b')).toMatchObject({ token: 12n });
    expect(bench.keeper.holds('a')).toBe(11n);
    expect(bench.news.slice(0, 3)).toEqual([
      'open',
      'session open',
      'claim a,b',
    ]);
  });

  it('goes in batches, of which three are on their way at a time', async () => {
    const bench = await benchHolding();
    const volumes = Array.from({ length: 2_000 }, (_none, at) => `v${at}`);
    const sizes = (): number[] =>
      bench.news.map((call) => call.split(',').length);
    bench.faults.set('claim', 'late');
    const claiming = bench.keeper.claim(volumes);
    await bench.advance(0);
    expect(sizes()).toEqual([480, 480, 480]);
    bench.faults.clear();
    bench.answer();
    expect((await bench.settle(claiming)).size).toBe(2_000);
    expect(sizes()).toEqual([480, 80]);
  });

  it('that fails in one batch has what the others were granted, and begins none after those under way', async () => {
    const bench = await benchHolding();
    const volumes = Array.from({ length: 5_000 }, (_none, at) => `v${at}`);
    bench.faults.set('claim', 'late');
    const claiming = bench.keeper.claim(volumes);
    await bench.advance(0);
    expect(bench.news).toHaveLength(3);
    bench.faults.set('claim', 'refused');
    bench.answer();
    await bench.advance(0);
    expect(bench.news).toHaveLength(3);
    const granted = volumes.slice(0, 3 * 480);
    expect([...(await bench.settle(claiming)).keys()]).toEqual(granted);
    const waiting = bench.keeper.waiting.map(({ volume }) => volume);
    expect(waiting).toEqual(volumes.slice(granted.length));
  });

  it('of what another holds waits, and says for whom and since when (F62, F64)', async () => {
    const bench = await benchHolding();
    bench.take('b');
    expect(await claim(bench, 'a', 'b')).toEqual(['a:12']);
    expect(bench.keeper.waiting).toMatchObject([
      { volume: 'b', since: 1_000_020, holder: { owner: 'there', token: 11n } },
    ]);
    expect(bench.keys.get('b')?.owner).toBe('there');
  });

  it('never rejects: without a store all waits, for nobody that is known', async () => {
    const bench = new LeaseBench();
    bench.faults.set('open', 'refused');
    bench.keeper.start();
    expect(await claim(bench, 'a')).toEqual([]);
    expect(bench.keeper.waiting).toMatchObject([
      { volume: 'a', holder: undefined },
    ]);
    bench.faults.clear();
    await bench.advance(500);
    expect(bench.news.at(-1)).toBe('free a');
  });

  it('ends a session that was opened too late to be used, and opens another', async () => {
    const bench = new LeaseBench();
    bench.faults.set('open', 'late');
    bench.keeper.start();
    await bench.advance(10);
    // As a process that is stopped while the answer comes.
    bench.block(bench.ttl);
    bench.answer();
    bench.faults.clear();
    await bench.advance(2_000);
    expect(bench.news.slice(0, 3)).toEqual(['open', 'end', 'open']);
    expect(bench.keeper.session).toMatchObject({ state: 'open' });
  });

  it('waits for a store that does not answer no longer than a call may take, and then names it', async () => {
    const bench = new LeaseBench();
    bench.faults.set('open', 'lost');
    bench.keeper.start();
    expect(await claim(bench, 'a')).toEqual([]);
    expect(bench.keeper.session).toMatchObject({
      state: 'unreachable',
      error: { message: 'a store on a bench did not answer within 1000 ms' },
    });
  });

  it('whose answer is lost is not taken for granted, and found by the next listing (F67)', async () => {
    const bench = await benchHolding();
    bench.faults.set('claim', 'unanswered');
    expect(await claim(bench, 'a')).toEqual([]);
    expect(bench.keys.get('a')?.token).toBe(11n);
    expect(bench.keeper.holds('a')).toBeUndefined();
    bench.faults.clear();
    await bench.advance(500);
    expect(bench.news).toEqual([
      'claim a',
      'list',
      'claim a',
      'claim a:11',
      'free a',
    ]);
    expect(await claim(bench, 'a')).toEqual(['a:12']);
  });

  it('whose answer is lost, and that is not wanted any more, is released', async () => {
    const bench = await benchHolding();
    bench.faults.set('claim', 'unanswered');
    await claim(bench, 'a');
    bench.keeper.unwait(['a']);
    bench.faults.clear();
    await bench.advance(500);
    expect(bench.news).toEqual(['claim a', 'list', 'release a:11']);
    expect(bench.keys.size).toBe(0);
  });

  it('again of what is held gives a new token, and the old one is good for nothing (I33)', async () => {
    const bench = await benchHolding('a');
    expect(await claim(bench, 'a')).toEqual(['a:12']);
    expect(() => bench.keeper.assertHeld('a', 11n)).toThrow(LeaseLostError);
    expect(() => bench.keeper.assertHeld('a', 12n)).not.toThrow();
  });

  it('again while the release is on its way makes that miss (F68)', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('release', 'lost');
    bench.keeper.release('a', 'on its way');
    await bench.advance(0);
    expect(await claim(bench, 'a')).toEqual(['a:12']);
    bench.letGo({ volume: 'a', token: 11n, note: 'on its way' });
    await bench.advance(20_000);
    expect(bench.keys.get('a')?.token).toBe(12n);
    expect(bench.keeper.holds('a')).toBe(12n);
  });
});

describe('a session', () => {
  it('is renewed after a third of its ttl, and lasts', async () => {
    const bench = await benchHolding('a');
    await bench.advance(8_900);
    expect(bench.news).toEqual(['renew', 'renew']);
    await bench.advance(100_000);
    expect(bench.keeper.holds('a')).toBe(11n);
  });

  it('is renewed again and again while no answer comes, without waiting for it (F65, F66)', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('renew', 'lost');
    await bench.advance(6_000);
    expect(bench.news).toEqual([
      'renew',
      'renew',
      'session unreachable',
      'renew',
      'renew',
      'renew',
    ]);
    bench.faults.clear();
    await bench.advance(2_000);
    expect(bench.news).toEqual(['renew', 'session open']);
    expect(bench.keeper.holds('a')).toBe(11n);
  });

  it('that is over is seen at the point of use, without a timer, and all is told at once (F44, F56, I34)', async () => {
    const bench = await benchHolding('a', 'b');
    bench.block(7_170);
    expect(bench.keeper.holds('a')).toBe(11n);
    bench.block(20);
    expect(bench.keeper.holds('b')).toBeUndefined();
    expect(bench.news).toEqual(['lost a,b: deadline', 'session opening']);
    expect(bench.keeper.holds('a')).toBeUndefined();
    expect(bench.news).toEqual([]);
  });

  it('whose renewal was answered while the process was stopped goes on', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('renew', 'late');
    await bench.advance(2_990);
    bench.block(4_300);
    bench.answer();
    await bench.advance(0);
    expect(bench.keeper.holds('a')).toBe(11n);
    expect(bench.news.filter((line) => line.startsWith('lost'))).toEqual([]);
  });

  it('that is gone is told, and another one follows, in which what still waits is claimed (F77, I37)', async () => {
    const bench = await benchHolding('a', 'b');
    bench.endSessions();
    await bench.advance(3_000);
    expect(bench.news).toEqual([
      'renew',
      'lost a,b: session',
      'session opening',
    ]);
    bench.keeper.wait(['b']);
    await bench.advance(1_000);
    expect(bench.news).toEqual([
      'open',
      'session open',
      'list',
      'claim b',
      'free b',
    ]);
    expect(await claim(bench, 'b')).toEqual(['b:13']);
    expect(bench.keeper.holds('a')).toBeUndefined();
  });

  it('whose end is told is over before its next renewal (F77)', async () => {
    const bench = await benchHolding('a', 'b');
    bench.endSession('session 1');
    await bench.advance(0);
    expect(bench.keeper.holds('a')).toBeUndefined();
    expect(bench.news).toEqual(['lost a,b: session', 'session opening']);
    await bench.advance(1_500);
    expect(bench.news).toEqual(['open', 'session open', 'list']);
  });

  it('of another store is not used until an operator says so (F72)', async () => {
    const bench = await benchHolding('a');
    bench.storeId = 'another';
    await bench.advance(3_100);
    expect(bench.news).toEqual([
      'renew',
      'lost a: store',
      'session otherStore',
    ]);
    bench.keeper.wait(['a']);
    await bench.advance(60_000);
    expect(bench.keeper.session).toMatchObject({
      expected: 'store',
      found: 'another',
    });
    expect(bench.news.filter((line) => line.startsWith('claim'))).toEqual([]);
    bench.keys.clear();
    expect(() => bench.keeper.confirmStore('anothre')).toThrow(
      expect.objectContaining({
        name: 'LeaseStoreNotFoundError',
        storeId: 'anothre',
        expected: 'store',
        found: 'another',
      }),
    );
    expect(bench.keeper.session.state).toBe('otherStore');
    bench.keeper.confirmStore('another');
    await bench.advance(100);
    expect(bench.news.at(-1)).toBe('free a');
  });

  it('loses nothing by a confirmation of a store that was not found, nor of its own (F72)', async () => {
    const bench = await benchHolding('a');
    expect(() => bench.keeper.confirmStore('another')).toThrow(
      /^Lease store another was not found: store is in use/,
    );
    bench.keeper.confirmStore('store');
    await bench.advance(60_000);
    expect(bench.keeper.holds('a')).toBe(11n);
    expect(bench.news.filter((line) => line.startsWith('lost'))).toEqual([]);
  });

  it('is opened in a store that was confirmed while that did not answer (F72)', async () => {
    const bench = await benchHolding('a');
    bench.storeId = 'another';
    await bench.advance(3_100);
    bench.faults.set('open', 'refused');
    await bench.advance(20_000);
    expect(bench.keeper.session.state).toBe('unreachable');
    bench.keeper.confirmStore('another');
    bench.faults.clear();
    await bench.advance(20_000);
    expect(bench.keeper.session.state).toBe('open');
  });

  it('is told of each store that is found (F72)', async () => {
    const bench = await benchHolding('a');
    bench.storeId = 'another';
    await bench.advance(3_100);
    bench.storeId = 'a third';
    await bench.advance(20_000);
    expect(bench.news.filter((line) => line.startsWith('session'))).toEqual([
      'session otherStore',
      'session otherStore',
    ]);
    expect(() => bench.keeper.confirmStore('another')).toThrow(/a third/);
  });
});

describe('keys', () => {
  it('that are deleted are lost at once, and told together (F77)', async () => {
    const bench = await benchHolding('a', 'b', 'c');
    bench.drop('a');
    bench.drop('c');
    await bench.advance(0);
    expect(bench.news).toEqual(['lost a,c: key']);
    expect(bench.keeper.holds('b')).toBe(12n);
  });

  it('that a stranger has overwritten are lost, and never taken back (F77)', async () => {
    const bench = await benchHolding('a');
    bench.take('a', 'stranger');
    await bench.advance(0);
    expect(bench.news).toEqual(['lost a: key']);
    bench.keeper.wait(['a']);
    await bench.advance(60_000);
    expect(bench.keys.get('a')?.owner).toBe('stranger');
    expect(bench.keeper.waiting).toMatchObject([
      { volume: 'a', holder: { owner: 'stranger' } },
    ]);
  });

  it('are listed now and then, in case hints are lost (F75)', async () => {
    const bench = await benchHolding('a');
    bench.hints = false;
    bench.drop('a');
    await bench.advance(27_000);
    expect(bench.news).toContain('lost a: key');
  });

  it('that end with the session are lost for that, though a listing is the first that tells', async () => {
    const bench = await benchHolding('a', 'b');
    bench.endSessions();
    // After a call that failed it lists.
    bench.faults.set('claim', 'refused');
    bench.keeper.wait(['c']);
    await bench.advance(250);
    expect(bench.news).toEqual([
      'claim c',
      'list',
      'lost a,b: session',
      'session opening',
    ]);
  });

  it('that end by old news are still ours', async () => {
    const bench = await benchHolding('a');
    const late = { volume: 'a', revision: 5n, holder: undefined };
    for (const hear of bench['watchers']) hear(late);
    await bench.advance(100);
    expect(bench.news).toEqual([]);
    expect(bench.keeper.holds('a')).toBe(11n);
  });
});

describe('a volume that waits', () => {
  async function benchWaitingFor(...volumes: string[]): Promise<LeaseBench> {
    const bench = await benchHolding();
    for (const volume of volumes) bench.take(volume);
    await claim(bench, ...volumes);
    bench.journal.length = 0;
    return bench;
  }

  it('is claimed when it is free, with all that are free then (F62, F63)', async () => {
    const bench = await benchWaitingFor('a', 'b', 'c');
    bench.drop('a');
    bench.drop('b');
    await bench.advance(100);
    expect(bench.news).toEqual(['claim a,b', 'free a,b']);
    expect(await claim(bench, 'a', 'b')).toHaveLength(2);
    expect(bench.news).toEqual([]);
  });

  it('is served while others are claimed, where very many become free', async () => {
    const volumes = Array.from({ length: 7_000 }, (_none, at) => `v${at}`);
    const bench = await benchWaitingFor(...volumes);
    for (const volume of volumes) bench.drop(volume);
    await bench.advance(100);
    const calls = bench.news.map((call) => call.split(/[ ,]/));
    const freed = calls.filter(([name]) => name === 'free');
    expect(freed.map((call) => call.length - 1)).toEqual([2_000, 4_000, 1_000]);
    const names = calls.map(([name]) => name);
    expect(names.indexOf('free')).toBeLessThan(names.lastIndexOf('claim'));
    expect(await claim(bench, ...volumes)).toHaveLength(7_000);
  });

  it('is claimed within five milliseconds of the news that it is free (F62)', async () => {
    const bench = await benchWaitingFor('a');
    bench.drop('a');
    await bench.advance(5);
    expect(bench.news).toEqual(['claim a', 'free a']);
  });

  it('and becomes free while a claim is under way is claimed next, with all that do (F62)', async () => {
    const bench = await benchWaitingFor('a', 'b', 'c');
    bench.faults.set('claim', 'late');
    bench.drop('a');
    await bench.advance(10);
    bench.faults.clear();
    for (const volume of ['b', 'c']) {
      bench.drop(volume);
      await bench.advance(20);
    }
    expect(bench.news).toEqual(['claim a']);
    bench.answer();
    await bench.advance(10);
    expect(bench.news).toEqual(['free a', 'claim b,c', 'free b,c']);
  });

  it('is claimed when the session of its holder ends, with all that it held (F62, F63)', async () => {
    const bench = await benchWaitingFor('a', 'b', 'c');
    bench.take('b', 'elsewhere');
    bench.endSession('session of there');
    await bench.advance(5);
    expect(bench.news).toEqual(['claim a,c', 'free a,c']);
    bench.endSession('session of elsewhere');
    await bench.advance(5);
    expect(bench.news).toEqual(['claim b', 'free b']);
  });

  it('is claimed again at once where it is refused for a session whose end was told already (F62)', async () => {
    const bench = await benchHolding();
    bench.take('a');
    bench.faults.set('claim', 'late');
    const claiming = bench.keeper.claim(['a']);
    await bench.advance(0);
    bench.faults.clear();
    bench.endSession('session of there');
    await bench.advance(0);
    bench.answer();
    expect((await bench.settle(claiming)).size).toBe(1);
    expect(bench.news).toEqual(['claim a', 'claim a']);
  });

  it('waits for whoever had it last, whatever news of former holders come late (F62, F75)', async () => {
    const bench = await benchWaitingFor('a');
    const former = bench.keys.get('a')!;
    bench.take('a', 'elsewhere');
    await bench.advance(0);
    const late = { volume: 'a', revision: former.token, holder: former };
    for (const hear of bench['watchers']) hear(late);
    bench.endSession('session of elsewhere');
    await bench.advance(5);
    expect(bench.news).toEqual(['claim a', 'free a']);
  });

  it('is found free by a listing, should the hint be lost (F75)', async () => {
    const bench = await benchWaitingFor('a');
    bench.hints = false;
    bench.drop('a');
    await bench.advance(27_000);
    expect(bench.news).toContain('free a');
  });

  it('waits until it is handed out, though it is ours', async () => {
    const bench = await benchWaitingFor('a');
    bench.drop('a');
    await bench.advance(100);
    expect(bench.keeper.waiting).toMatchObject([{ volume: 'a' }]);
    await claim(bench, 'a');
    expect(bench.keeper.waiting).toEqual([]);
  });

  it('is let go if it is not wanted any more, also when it has just become ours', async () => {
    const bench = await benchWaitingFor('a', 'b');
    bench.drop('a');
    await bench.advance(100);
    bench.keeper.unwait(['a', 'b']);
    bench.drop('b');
    await bench.advance(60_000);
    expect(bench.keys.size).toBe(0);
    expect(bench.keeper.waiting).toEqual([]);
  });

  it('and is lost before it is handed out waits on, and nobody is told', async () => {
    const bench = await benchWaitingFor('a');
    bench.drop('a');
    await bench.advance(100);
    bench.take('a', 'stranger');
    await bench.advance(100);
    expect(bench.news).toEqual(['claim a', 'free a']);
    expect(bench.keeper.waiting).toMatchObject([{ volume: 'a' }]);
  });
});

describe('a release', () => {
  it('is by token, takes what is held at once, and is tried until it is answered', async () => {
    const bench = await benchHolding('a', 'b');
    bench.faults.set('release', 'refused');
    bench.keeper.release('a', 'half of it');
    expect(bench.keeper.holds('a')).toBeUndefined();
    await bench.advance(0);
    bench.faults.clear();
    await bench.advance(200);
    expect(bench.news).toEqual(['release a:11', 'release a:11']);
    expect(bench.released).toEqual([
      { volume: 'a', token: 11n, note: 'half of it' },
    ]);
    expect(bench.keeper.holds('b')).toBe(12n);
  });

  it('carries as much of its note as a key may hold', async () => {
    const bench = await benchHolding('a');
    bench.keeper.release('a', 'ä'.repeat(3_000));
    await bench.advance(0);
    expect(bench.released[0]?.note).toBe('ä'.repeat(2_048));
  });

  it('that comes in the moment in which another one ends is not forgotten', async () => {
    const bench = await benchHolding('a', 'b');
    bench.keeper.release('a');
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    bench.keeper.release('b');
    await bench.advance(0);
    expect(bench.keys.size).toBe(0);
  });
});

describe('calls that fail though the session is open', () => {
  it('make it unwell, until they go through, or nothing waits', async () => {
    const bench = await benchHolding('a');
    expect(bench.keeper.isWell).toBe(true);
    bench.faults.set('claim', 'refused');
    bench.keeper.wait(['b']);
    await bench.advance(100);
    expect(bench.keeper.isWell).toBe(false);
    bench.keeper.unwait(['b']);
    expect(bench.keeper.isWell).toBe(true);
    bench.keeper.wait(['c']);
    expect(bench.keeper.isWell).toBe(false);
    bench.faults.clear();
    await bench.advance(10_000);
    expect(bench.news).toContain('free c');
    expect(bench.keeper.isWell).toBe(true);
  });

  it('are told once, and once more when they are answered again', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('claim', 'refused').set('release', 'refused');
    await claim(bench, 'b', 'c');
    await claim(bench, 'd');
    bench.keeper.release('a');
    await bench.advance(2_000);
    expect(bench.troubles).toEqual(['claims: refused', 'releases: refused']);
    bench.faults.clear();
    await bench.advance(2_000);
    expect(bench.troubles.slice(2).sort()).toEqual([
      'claims: undefined',
      'releases: undefined',
    ]);
    expect([...bench.keys.keys()].sort()).toEqual(['b', 'c', 'd']);
  });

  it('are told where they list what there is: nobody would hear that anything is free', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('list', 'refused');
    await bench.advance(60_000);
    expect(bench.troubles).toEqual(['listings: refused']);
    bench.faults.clear();
    await bench.advance(10_000);
    expect(bench.troubles.slice(1)).toEqual(['listings: undefined']);
  });

  it('are told where a listing makes no sense', async () => {
    const bench = await benchHolding('a');
    const { storeId, revision } = bench;
    const listing = { storeId, revision, held: [] } as unknown as LeaseListing;
    bench.list = () => Promise.resolve(listing);
    await bench.advance(60_000);
    expect(bench.troubles).toEqual([
      'listings: a store on a bench lists no sessions',
    ]);
  });

  it('are not told of a session that is over', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('claim', 'late');
    const claiming = bench.keeper.claim(['b']);
    await bench.advance(0);
    bench.endSession('session 1');
    bench.answer();
    await bench.settle(claiming);
    expect(bench.troubles).toEqual([]);
  });
});

describe('the end', () => {
  it('ends the session, and what was released goes with it, but for what has a note (I36)', async () => {
    const bench = await benchHolding('a', 'b', 'c');
    bench.keeper.beginToEnd();
    bench.keeper.release('a');
    bench.keeper.release('b', 'half of it');
    bench.keeper.release('c');
    await bench.advance(100);
    expect(bench.news).toEqual([]);
    expect(await bench.settle(bench.keeper.end())).toEqual([]);
    expect(bench.news).toEqual(['release b:12', 'endInOrder', 'session ended']);
    expect(bench.keys.size).toBe(0);
    await bench.advance(60_000);
    expect(bench.news).toEqual([]);
  });

  it('of a session that has nothing to let go is just that', async () => {
    const bench = await benchHolding('a');
    bench.keeper.release('a', 'half of it');
    await bench.settle(bench.keeper.end());
    expect(bench.news).toEqual(['release a:11', 'end', 'session ended']);
  });

  it('keeps the session as long as anything is not released, and releases the rest one by one (F83)', async () => {
    const bench = await benchHolding('a', 'b');
    bench.keeper.beginToEnd();
    bench.keeper.release('a');
    expect(await bench.settle(bench.keeper.end())).toEqual(['b']);
    expect(bench.news).toEqual(['release a:11']);
    await bench.advance(60_000);
    expect(bench.keys.get('b')?.token).toBe(12n);
    bench.journal.length = 0;
    bench.keeper.release('b');
    await bench.advance(10);
    expect(bench.news).toEqual(['endInOrder', 'session ended']);
  });

  it('asked for twice is one', async () => {
    const bench = await benchHolding('a');
    bench.keeper.release('a', 'half of it');
    const both = Promise.all([bench.keeper.end(), bench.keeper.end()]);
    await bench.settle(both);
    expect(bench.news).toEqual(['release a:11', 'end', 'session ended']);
  });

  it('takes its time only once, should the store not answer', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('release', 'lost').set('endInOrder', 'lost');
    bench.keeper.release('a', 'half of it');
    const begun = bench.now();
    await bench.settle(bench.keeper.end());
    expect(bench.now() - begun).toBeLessThanOrEqual(2_020);
    expect(bench.keeper.session).toMatchObject({ state: 'ended' });
  });

  it('that fails says so: others find what it held as after a crash', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('endInOrder', 'refused');
    bench.keeper.beginToEnd();
    bench.keeper.release('a');
    await bench.settle(bench.keeper.end());
    const error = new LeaseStoreError('refused');
    expect(bench.keeper.session).toEqual({ state: 'ended', error });
  });

  it('says so too where the session is over before the store answers', async () => {
    const bench = await benchHolding('a');
    bench.faults.set('release', 'lost').set('renew', 'lost');
    await bench.advance(7_000);
    bench.keeper.release('a', 'half of it');
    await bench.settle(bench.keeper.end());
    const error = new LeaseStoreError(
      'The session was lost (deadline) before it was ended',
    );
    expect(bench.keeper.session).toEqual({ state: 'ended', error });
  });

  it('says nothing of a failure where it went well', async () => {
    const bench = await benchHolding('a');
    bench.keeper.release('a');
    await bench.settle(bench.keeper.end());
    expect(bench.keeper.session).toEqual({ state: 'ended' });
  });
});
