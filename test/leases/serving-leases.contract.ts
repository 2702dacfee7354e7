import {
  LeaseStoreError,
  maxNoteBytes,
  type Claim,
  type ClaimAnswer,
  type ClaimRequest,
  type LeaseChange,
  type LeaseHolder,
  type LeaseListing,
  type LeaseSession,
  type Predecessor,
  type ServingLeases,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';

/** A store of its own for one test, and what can happen to it. */
export interface TriedStore {
  /** The handle of another peer. Closed when the test is over. */
  peer(options?: { readonly ttl?: number }): ServingLeases;
  /** Lets time pass, in small pieces, until it is so. Fails after so many milliseconds. */
  until(isSo: () => Promise<boolean>, milliseconds: number): Promise<void>;
  /** Forgets what changed until now. */
  compact(): Promise<void>;
  /** An operator ends a session. */
  revoke(session: string): Promise<void>;
  /** An operator deletes a volume's record. */
  remove(volume: string): Promise<void>;
  /** An operator writes that the claim of a volume has expired. */
  expire(volume: string, claim: LeaseHolder): Promise<void>;
  /** A stranger writes a volume's record. */
  overwrite(volume: string): Promise<void>;
}

/** A signal that is never aborted. */
export const never = new AbortController().signal;

/** What each implementation of ServingLeases does. */
export function servingLeasesContract(
  makeStore: () => Promise<TriedStore>,
): void {
  describe('a session', () => {
    it('has a name, a store and the ttl that was granted', async () => {
      const leases = (await makeStore()).peer({ ttl: 7_000 });
      const session = await leases.openSession('A', never);
      const other = await leases.openSession('A', never);
      expect(session.id).not.toBe('');
      expect(other.id).not.toBe(session.id);
      expect(other.storeId).toBe(session.storeId);
      expect(session.ttl).toBe(7_000);
      expect(await session.renew(never)).toEqual({
        storeId: session.storeId,
        ttl: 7_000,
      });
      const { storeId, sessions } = await leases.list(never);
      expect(storeId).toBe(session.storeId);
      expect(sessions).toEqual(new Set([session.id, other.id]));
      await other.end(never);
      expect((await leases.list(never)).sessions).toEqual(
        new Set([session.id]),
      );
    });

    it('that is not renewed ends with all that it holds, and says so at its next renewal (F63)', async () => {
      const store = await makeStore();
      const leases = store.peer({ ttl: 2_000 });
      const dead = await leases.openSession('A', never);
      await dead.claim([free('photos'), free('music')], never);
      await store.until(async () => (await heldIn(leases)).length === 0, 8_000);
      expect(await dead.renew(never)).toBeUndefined();
      await expect(dead.claim([free('photos')], never)).rejects.toThrow(
        LeaseStoreError,
      );
      expect(await heldIn(leases)).toEqual([]);
      const next = await leases.openSession('B', never);
      const claim = await claimed(next, 'photos');
      expect(claim.predecessor).toMatchObject({ owner: 'A', end: 'expired' });
    });

    it('that is renewed lives on', async () => {
      const store = await makeStore();
      const leases = store.peer({ ttl: 2_000 });
      const renewed = await leases.openSession('A', never);
      const left = await leases.openSession('B', never);
      await renewed.claim([free('photos')], never);
      await left.claim([free('music')], never);
      await store.until(async () => {
        expect(await renewed.renew(never)).toBeDefined();
        return (await heldIn(leases)).length === 1;
      }, 8_000);
      expect(await heldIn(leases)).toEqual(['photos']);
    });

    it('that ends lets all go at once; ending it again is no error', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      await session.claim([free('photos'), free('music')], never);
      await session.end(never);
      expect(await heldIn(leases)).toEqual([]);
      await session.end(never);
      expect(await session.renew(never)).toBeUndefined();
      const { predecessor } = await claimed(
        await leases.openSession('B', never),
        'music',
      );
      expect(predecessor).toMatchObject({ owner: 'A', end: 'expired' });
    });

    it('that ends in order has released what it held, with the token of its last claim', async () => {
      const store = await makeStore();
      const session = await store.peer().openSession('A', never);
      const photos = await claimed(session, 'photos');
      const music = await claimed(session, 'music');
      const again = await claimed(session, 'music', music.token);
      await session.endInOrder(never);
      const leases = store.peer();
      expect(await heldIn(leases)).toEqual([]);
      expect(await session.renew(never)).toBeUndefined();
      const next = await leases.openSession('B', never);
      const predecessors = await predecessorsOf(next, ['photos', 'music']);
      const released = { owner: 'A', end: 'released', note: '' };
      expect(predecessors).toEqual([
        { ...released, token: photos.token },
        { ...released, token: again.token },
      ]);
      // Who claims again hears the same.
      const { held } = await leases.list(never);
      const { token } = held.find(({ volume }) => volume === 'music')!;
      const { predecessor } = await claimed(next, 'music', token);
      expect(predecessor).toEqual({ ...released, token: again.token });
    });

    it('that ends in order leaves the notes of what it released before', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const { token } = await claimed(session, 'photos');
      await claimed(session, 'music');
      await session.release([{ volume: 'photos', token, note: 'bye' }], never);
      await session.endInOrder(never);
      const next = await leases.openSession('B', never);
      expect(await predecessorsOf(next, ['photos', 'music'])).toMatchObject([
        { owner: 'A', token, end: 'released', note: 'bye' },
        { owner: 'A', end: 'released', note: '' },
      ]);
    });

    it('that ends in order says nothing of what an operator has deleted: nobody is known there', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      await session.claim(['photos', 'music', 'films'].map(free), never);
      await store.remove('photos');
      await store.remove('music');
      const music = await claimed(session, 'music');
      expect(music.predecessor).toBeUndefined();
      await session.endInOrder(never);
      const next = await leases.openSession('B', never);
      const volumes = ['photos', 'music', 'films'];
      const [photos, ...others] = await predecessorsOf(next, volumes);
      expect(photos).toBeUndefined();
      expect(others).toMatchObject([
        { owner: 'A', token: music.token, end: 'released' },
        { owner: 'A', end: 'released' },
      ]);
    });

    it('that ends in order says nothing of other sessions, of the same owner or after it', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const one = await leases.openSession('A', never);
      const two = await leases.openSession('A', never);
      await one.claim([free('photos'), free('music')], never);
      await two.claim([free('films')], never);
      await store.remove('music');
      await two.claim([free('music')], never);
      await one.endInOrder(never);
      await store.revoke(two.id);
      const three = await leases.openSession('B', never);
      const volumes = ['photos', 'music', 'films'];
      expect(await predecessorsOf(three, volumes)).toMatchObject([
        { end: 'released' },
        { owner: 'A', end: 'expired' },
        { owner: 'A', end: 'expired' },
      ]);
      await store.revoke(three.id);
      const four = await leases.openSession('C', never);
      expect(await predecessorsOf(four, volumes)).toMatchObject([
        { owner: 'B', end: 'expired' },
        { owner: 'B', end: 'expired' },
        { owner: 'B', end: 'expired' },
      ]);
    });

    it('that is gone, and one that holds nothing, may end in order without an error', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      await session.endInOrder(never);
      await session.endInOrder(never);
      expect(await session.renew(never)).toBeUndefined();
    });

    it('loses what an operator writes to have expired, and whoever is next hears that of it, also when the session has ended in order (F77)', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      const claims = await session.claim(['photos', 'music'].map(free), never);
      const { revision, held } = await leases.list(never);
      const [music, photos] = held;
      await store.expire('photos', photos!);
      const follow = followed(leases, revision);
      expect(await follow.next()).toMatchObject({
        volume: 'photos',
        holder: undefined,
      });
      await follow.end();
      expect(await heldIn(leases)).toEqual(['music']);
      // What it sent before it knew of that.
      const { token } = photos!;
      const late = [{ volume: 'photos', token }];
      expect(await session.claim(late, never)).toEqual([
        { volume: 'photos', token: undefined, holder: undefined },
      ]);
      await session.release([{ ...late[0]!, note: 'late' }], never);
      await session.endInOrder(never);
      const next = await leases.openSession('B', never);
      const volumes = claims.map(({ volume }) => volume);
      expect(await predecessorsOf(next, volumes)).toEqual([
        { owner: 'A', token, end: 'expired', note: '' },
        { owner: 'A', token: music!.token, end: 'released', note: '' },
      ]);
    });

    it('that an operator ended is gone, and what it held is free (F77)', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      await session.claim([free('photos')], never);
      await store.revoke(session.id);
      expect(await session.renew(never)).toBeUndefined();
      expect(await heldIn(leases)).toEqual([]);
    });
  });

  describe('a claim', () => {
    it('gives what nobody holds, and says who holds the rest, in the order asked for (F62, F64)', async () => {
      const store = await makeStore();
      const one = await store.peer().openSession('A', never);
      const two = await store.peer().openSession('B', never);
      const held = await claimed(one, 'music');
      const answers = await two.claim(
        [free('photos'), free('music'), free('films')],
        never,
      );
      const holder = { owner: 'A', session: one.id, token: held.token };
      expect(answers).toEqual([
        { volume: 'photos', token: expect.any(BigInt), predecessor: undefined },
        { volume: 'music', token: undefined, holder },
        { volume: 'films', token: expect.any(BigInt), predecessor: undefined },
      ]);
      expect(await one.claim([], never)).toEqual([]);
    });

    it('with the token that the session holds gives a new one, and tells again who had the volume before (F67)', async () => {
      const leases = (await makeStore()).peer();
      const before = await leases.openSession('B', never);
      const { token } = await claimed(before, 'photos');
      await before.release([{ volume: 'photos', token, note: 'bye' }], never);
      const session = await leases.openSession('A', never);
      const first = await claimed(session, 'photos');
      const second = await claimed(session, 'photos', first.token);
      const third = await claimed(session, 'photos', second.token);
      expect(second.token).toBeGreaterThan(first.token);
      expect(third.token).toBeGreaterThan(second.token);
      const predecessor = { owner: 'B', token, end: 'released', note: 'bye' };
      expect([first, second, third]).toMatchObject([
        { predecessor },
        { predecessor },
        { predecessor },
      ]);
      const { held } = await leases.list(never);
      expect(held).toEqual([
        {
          volume: 'photos',
          owner: 'A',
          session: session.id,
          token: third.token,
        },
      ]);
      const music = await claimed(session, 'music');
      const again = await claimed(session, 'music', music.token);
      expect(again.predecessor).toBeUndefined();
    });

    it('tells of a predecessor until the revision before the first claim is compacted, of all that are claimed again together (F74)', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const before = await leases.openSession('B', never);
      const volumes = ['photos', 'music'];
      await before.claim(volumes.map(free), never);
      await before.end(never);
      const session = await leases.openSession('A', never);
      const photos = await claimed(session, 'photos');
      // The revision of the first claim is known then, the one before it not.
      await store.compact();
      const music = await claimed(session, 'music');
      const owners = async (claims: readonly Claim[]) => {
        const answers = await session.claim(claims, never);
        return answers.map((answer) =>
          isClaim(answer) ? answer.predecessor?.owner : 'refused',
        );
      };
      expect([photos, music]).toMatchObject([
        { predecessor: { owner: 'B' } },
        { predecessor: { owner: 'B' } },
      ]);
      expect(await owners([music])).toEqual(['B']);
      expect(await owners([photos])).toEqual([undefined]);
      const { held } = await leases.list(never);
      expect(
        await session.claim([...held, free('films')], never),
      ).toMatchObject([
        { volume: 'music', predecessor: undefined },
        { volume: 'photos', predecessor: undefined },
        { volume: 'films', predecessor: undefined },
      ]);
    });

    it('with another token, or none, is refused and says how the volume is held (F67, I35)', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const first = await claimed(session, 'photos');
      const second = await claimed(session, 'photos', first.token);
      const holder = { owner: 'A', session: session.id, token: second.token };
      // Each of them may be a request that comes late or twice.
      const late = [first.token, undefined, second.token + 1n].map((token) => ({
        volume: 'photos',
        token,
      }));
      for (const claim of late) {
        expect(await session.claim([claim], never)).toEqual([
          { volume: 'photos', token: undefined, holder },
        ]);
      }
      const gone = [{ volume: 'music', token: second.token }];
      expect(await session.claim(gone, never)).toEqual([
        { volume: 'music', token: undefined, holder: undefined },
      ]);
      expect((await leases.list(never)).held).toEqual([
        { volume: 'photos', ...holder },
      ]);
    });

    it('never takes the volume of another session of the same owner (F78)', async () => {
      const leases = (await makeStore()).peer();
      const first = await leases.openSession('A', never);
      const second = await leases.openSession('A', never);
      const { token } = await claimed(first, 'photos');
      for (const claim of [free('photos'), { volume: 'photos', token }]) {
        const [answer] = await second.claim([claim], never);
        expect(answer).toMatchObject({
          token: undefined,
          holder: { session: first.id, token },
        });
      }
    });

    it('never takes what a stranger wrote (F77)', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      const { token } = await claimed(session, 'photos');
      await store.overwrite('photos');
      for (const claim of [free('photos'), { volume: 'photos', token }]) {
        const [answer] = await session.claim([claim], never);
        expect(answer!.token).toBeUndefined();
      }
      await session.release([{ volume: 'photos', token, note: '' }], never);
      expect(await heldIn(leases)).toEqual(['photos']);
    });

    it('that names a volume twice gives it once, and answers each in its place', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const answers = await session.claim(
        [free('photos'), free('music'), free('photos')],
        never,
      );
      expect(answers.map(({ volume }) => volume)).toEqual([
        'photos',
        'music',
        'photos',
      ]);
      const { held } = await leases.list(never);
      const token = held.find(({ volume }) => volume === 'photos')!.token;
      const answered = [answers[0]!.token, answers[2]!.token];
      expect(new Set(answered)).toEqual(new Set([token, undefined]));
    });

    it('under a session that is gone takes nothing (F77, I37)', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      const { token } = await claimed(session, 'music');
      await store.revoke(session.id);
      await expect(
        session.claim([free('photos'), { volume: 'music', token }], never),
      ).rejects.toThrow(LeaseStoreError);
      expect(await session.claim([{ volume: 'music', token }], never)).toEqual([
        { volume: 'music', token: undefined, holder: undefined },
      ]);
      expect(await heldIn(leases)).toEqual([]);
    });

    it('of many volumes takes each that is free, whoever holds the others', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const one = await leases.openSession('A', never);
      const two = await leases.openSession('B', never);
      const volumes = Array.from({ length: 1_000 }, (_, index) => `v${index}`);
      const odd = volumes.filter((_, index) => index % 2 === 1);
      await one.claim(odd.map(free), never);
      const answers = await two.claim(volumes.map(free), never);
      expect(answers.map(({ volume }) => volume)).toEqual(volumes);
      const refused = answers.filter((answer) => answer.token === undefined);
      expect(refused.map(({ volume }) => volume)).toEqual(odd);
      expect(await heldIn(leases)).toEqual([...volumes].sort());
      const owners = (await leases.list(never)).held.map(({ owner }) => owner);
      expect(owners.filter((owner) => owner === 'B')).toHaveLength(500);
    });

    it('takes any name of a volume', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('Päär "1"\n', never);
      const volumes = [
        'a/b',
        '',
        '..',
        'ü😀',
        'ü\uffed',
        '__proto__',
        ' 0',
        'x'.repeat(500),
      ];
      await session.claim(volumes.map(free), never);
      const { held } = await leases.list(never);
      expect(held.map(({ volume }) => volume)).toEqual([...volumes].sort());
      expect(new Set(held.map(({ owner }) => owner))).toEqual(
        new Set(['Päär "1"\n']),
      );
    });
  });

  describe('tokens of a volume', () => {
    it('only grow, over releases, sessions and peers (I33)', async () => {
      const store = await makeStore();
      const tokens: bigint[] = [];
      for (const owner of ['A', 'B', 'A', 'C']) {
        const session = await store.peer().openSession(owner, never);
        const first = await claimed(session, 'photos');
        const { token } = await claimed(session, 'photos', first.token);
        tokens.push(first.token, token);
        if (owner === 'A')
          await session.release([{ volume: 'photos', token, note: '' }], never);
        await session.end(never);
      }
      expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)));
      expect(new Set(tokens).size).toBe(tokens.length);
    });
  });

  describe('a release', () => {
    it('frees the volume, and leaves its note to whoever is next', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const one = await leases.openSession('A', never);
      const { token } = await claimed(one, 'photos');
      const note = 'ü'.repeat(maxNoteBytes / 2);
      await one.release([{ volume: 'photos', token, note }], never);
      expect(await heldIn(leases)).toEqual([]);
      const two = await store.peer().openSession('B', never);
      expect((await claimed(two, 'photos')).predecessor).toEqual({
        owner: 'A',
        token,
        end: 'released',
        note,
      });
      await two.end(never);
      const three = await store.peer().openSession('C', never);
      // What A left was for B.
      expect((await claimed(three, 'photos')).predecessor).toMatchObject({
        owner: 'B',
        end: 'expired',
        note: '',
      });
    });

    it('with the token of an earlier claim changes nothing (F68, I35)', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const first = await claimed(session, 'photos');
      const second = await claimed(session, 'photos', first.token);
      await session.release(
        [{ volume: 'photos', token: first.token, note: 'late' }],
        never,
      );
      const { held } = await leases.list(never);
      expect(held).toMatchObject([{ volume: 'photos', token: second.token }]);
      await session.end(never);
      const next = await claimed(
        await leases.openSession('B', never),
        'photos',
      );
      expect(next.predecessor).toMatchObject({ end: 'expired', note: '' });
    });

    it('of what another one holds by now, of what nobody holds, and of nothing is no error', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const one = await leases.openSession('A', never);
      const { token } = await claimed(one, 'photos');
      await store.remove('photos');
      await one.release([{ volume: 'photos', token, note: '' }], never);
      const two = await leases.openSession('B', never);
      await claimed(two, 'photos');
      await one.release(
        [
          { volume: 'photos', token, note: '' },
          { volume: 'films', token, note: '' },
        ],
        never,
      );
      await one.release([], never);
      const { held } = await leases.list(never);
      expect(held).toMatchObject([{ volume: 'photos', owner: 'B' }]);
    });

    it('of what a session held that is over changes nothing: for whoever is next it has expired', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      const { token } = await claimed(session, 'photos');
      await store.revoke(session.id);
      const late = { volume: 'photos', token, note: 'late' };
      await session.release([late], never);
      const next = await leases.openSession('B', never);
      const { predecessor } = await claimed(next, 'photos');
      const expired = { owner: 'A', token, end: 'expired', note: '' };
      expect(predecessor).toEqual(expired);
    });

    it('of many volumes lets all of them go', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const volumes = Array.from({ length: 500 }, (_, index) => `v${index}`);
      const claims = await session.claim(volumes.map(free), never);
      const note = 'x'.repeat(maxNoteBytes);
      const releases = claims.map(({ volume, token }) => ({
        volume,
        token: token!,
        note,
      }));
      await session.release(releases.slice(1), never);
      expect(await heldIn(leases)).toEqual(['v0']);
    });

    it('of many volumes has notes of whatever characters', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const volumes = Array.from({ length: 120 }, (_, index) => `v${index}`);
      const claims = await session.claim(volumes.map(free), never);
      const note = '\u0001'.repeat(maxNoteBytes - 4) + '"\\ü';
      const releases = claims.map(({ volume, token }) => ({
        volume,
        token: token!,
        note,
      }));
      await session.release(releases, never);
      const told = await predecessorsOf(session, volumes);
      expect(new Set(told.map((each) => each?.note))).toEqual(new Set([note]));
    });

    it('with a note that is too long is refused, and releases nothing', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const { token } = await claimed(session, 'photos');
      const note = 'ü'.repeat(maxNoteBytes / 2 + 1);
      await expect(
        session.release([{ volume: 'photos', token, note }], never),
      ).rejects.toThrow(RangeError);
      expect(await heldIn(leases)).toEqual(['photos']);
    });
  });

  describe('changes', () => {
    it('tell what happened after a revision, each with its holder', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const one = await leases.openSession('A', never);
      await claimed(one, 'before');
      const { revision } = await leases.list(never);
      const { token } = await claimed(one, 'photos');
      const follow = followed(leases, revision);
      expect(await follow.next()).toEqual({
        volume: 'photos',
        revision: token,
        holder: { owner: 'A', session: one.id, token },
      });
      await one.release([{ volume: 'photos', token, note: '' }], never);
      expect(await follow.next()).toMatchObject({
        volume: 'photos',
        holder: undefined,
      });
      expect((await leases.list(never)).revision).toBeGreaterThan(token);
      await follow.end();
    });

    it('tell of the end of a session once, whatever it holds, and in order with what is claimed then', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const ends = [
        (session: LeaseSession) => session.end(never),
        (session: LeaseSession) => session.endInOrder(never),
        (session: LeaseSession) => store.revoke(session.id),
      ];
      const next = await leases.openSession('B', never);
      for (const end of ends) {
        const session = await leases.openSession('A', never);
        await session.claim(['photos', 'music', 'films'].map(free), never);
        const { revision } = await leases.list(never);
        await end(session);
        const photos = await claimed(next, 'photos');
        const follow = followed(leases, revision);
        const ended = await follow.next();
        expect(ended).toMatchObject({ session: session.id });
        expect(ended.revision).toBeGreaterThan(revision);
        expect(ended.revision).toBeLessThan(photos.token);
        expect(await follow.next()).toMatchObject({ volume: 'photos' });
        await follow.end();
        await next.release([{ ...photos, note: '' }], never);
      }
    });

    it('end when the signal is aborted, also one that is aborted already', async () => {
      const leases = (await makeStore()).peer();
      const { revision } = await leases.list(never);
      const stopped = AbortSignal.abort();
      for await (const [change] of leases.changes(revision, stopped))
        expect.unreachable(change?.volume);
      const controller = new AbortController();
      const iterator = iteratorOf(leases.changes(revision, controller.signal));
      const next = iterator.next();
      controller.abort();
      expect(await next).toMatchObject({ done: true });
    });

    it('are told from the revision on to which the store is compacted, and throw from any before (F74)', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      const tokens: bigint[] = [];
      for (const volume of ['photos', 'music', 'films']) {
        tokens.push((await claimed(session, volume)).token);
        if (volume === 'music') await store.compact();
      }
      const [photos = 0n, music = 0n] = tokens;
      const early = followed(leases, photos - 1n);
      await expect(early.next()).rejects.toThrow(LeaseStoreError);
      // What was written in that revision is kept.
      const kept = followed(leases, photos);
      expect(await kept.next()).toMatchObject({ volume: 'music' });
      expect(await kept.next()).toMatchObject({ volume: 'films' });
      await kept.end();
      const later = followed(leases, music);
      expect(await later.next()).toMatchObject({ volume: 'films' });
      await later.end();
    });
  });

  describe('a handle', () => {
    it('describes itself', async () => {
      expect((await makeStore()).peer().describe()).toMatch(/\S/);
    });

    it('that is closed rejects, ends its changes, and leaves its sessions alone', async () => {
      const store = await makeStore();
      const leases = store.peer();
      const session = await leases.openSession('A', never);
      await claimed(session, 'photos');
      const listing = await leases.list(never);
      const iterator = iteratorOf(leases.changes(listing.revision, never));
      const change = iterator.next().then(
        ({ done }) => (done === true ? 'ended' : 'a change'),
        () => 'ended',
      );
      await leases.close();
      expect(await change).toBe('ended');
      await expect(leases.list(never)).rejects.toThrow(LeaseStoreError);
      await expect(session.renew(never)).rejects.toThrow(LeaseStoreError);
      expect(await heldIn(store.peer())).toEqual(['photos']);
      await leases.close();
    });

    it('rejects what is asked with an aborted signal', async () => {
      const leases = (await makeStore()).peer();
      const session = await leases.openSession('A', never);
      const stopped = AbortSignal.abort();
      const calls = [
        leases.openSession('A', stopped),
        leases.list(stopped),
        session.renew(stopped),
        session.claim([free('photos')], stopped),
        session.release([{ volume: 'photos', token: 1n, note: '' }], stopped),
        session.end(stopped),
        session.endInOrder(stopped),
      ];
      for (const call of calls)
        await expect(call).rejects.toThrow(LeaseStoreError);
      expect(await session.renew(never)).toBeDefined();
    });
  });
}

/** The volumes that are held. */
export async function heldIn(leases: ServingLeases): Promise<string[]> {
  const { held }: LeaseListing = await leases.list(never);
  return held.map(({ volume }) => volume);
}

/** Claims a volume that must be free, or held with the token. */
export async function claimed(
  session: LeaseSession,
  volume: string,
  token?: bigint,
): Promise<Claim> {
  const [answer] = await session.claim([{ volume, token }], never);
  if (!isClaim(answer)) throw new Error(`${volume} is held otherwise`);
  return answer;
}

/** Claims volumes that must be free: who had each of them before. */
async function predecessorsOf(
  session: LeaseSession,
  volumes: readonly string[],
): Promise<(Predecessor | undefined)[]> {
  const answers = await session.claim(volumes.map(free), never);
  return answers.map((answer) => {
    if (!isClaim(answer)) throw new Error(`${answer.volume} is held`);
    return answer.predecessor;
  });
}

/** The claim of a volume that nobody holds. */
export function free(volume: string): ClaimRequest {
  return { volume, token: undefined };
}

function isClaim(answer: ClaimAnswer | undefined): answer is Claim {
  return answer?.token !== undefined;
}

/** Follows what changes, one at a time. */
function followed(
  leases: ServingLeases,
  revision: bigint,
): { next(): Promise<LeaseChange>; end(): Promise<void> } {
  const controller = new AbortController();
  const iterator = iteratorOf(leases.changes(revision, controller.signal));
  const waiting: LeaseChange[] = [];
  return {
    next: async () => {
      while (waiting.length === 0) {
        const { value, done } = await iterator.next();
        if (done === true) throw new Error('no more changes');
        waiting.push(...value);
      }
      return waiting.shift()!;
    },
    end: async () => {
      controller.abort();
      await iterator.next();
    },
  };
}

function iteratorOf(
  changes: AsyncIterable<readonly LeaseChange[]>,
): AsyncIterator<readonly LeaseChange[], unknown> {
  return changes[Symbol.asyncIterator]();
}
