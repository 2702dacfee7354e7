import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from './asked-store.js';
import { inMemory, real, simulated, ttl } from './compared-stores.js';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { step, Trace } from './store-trace.js';

describe.skipIf(!hasEtcd)('the simulated store, that of tests and etcd', () => {
  let etcd: EtcdProcess;
  let stores = 0;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
  });
  afterAll(() => etcd.stop());

  it('answer alike and tell the same changes, whatever is claimed, released, ended, touched by hand and compacted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        async (steps) => {
          const store = real(etcd, `run-${++stores}`);
          try {
            const answers = await new Trace(store).run(steps);
            expect(await new Trace(simulated()).run(steps)).toEqual(answers);
            expect(await new Trace(inMemory()).run(steps)).toEqual(answers);
          } finally {
            await store.close();
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  describe.concurrent.each(['simulated', 'in memory', 'etcd'])('%s', (kind) => {
    async function tried(
      body: (store: Store, session: string) => Promise<void>,
    ): Promise<void> {
      const own = kind === 'etcd' ? await EtcdProcess.start() : undefined;
      const asked = own && real(own, 'test');
      const store = asked ?? (kind === 'simulated' ? simulated() : inMemory());
      try {
        const session = await store.open('A');
        const answer = await store.claim(session, 'photos', undefined);
        expect(answer?.token).toBeDefined();
        await body(store, session);
      } finally {
        await asked?.close();
        await own?.stop();
      }
    }

    it('a restart gives each session its whole ttl again (F69)', () =>
      tried(async (store) => {
        await store.pass(0.7 * ttl);
        await store.restart();
        await store.pass(0.7 * ttl);
        const held = async (): Promise<number> =>
          (await store.list()).held.length;
        expect(await held()).toBe(1);
        for (let passed = 0; (await held()) > 0; passed += 100) {
          expect(passed).toBeLessThan(3 * ttl);
          await store.pass(100);
        }
      }));

    it('a store that stood still for a ttl has no session left (F70)', () =>
      tried(async (store, session) => {
        await store.standStill(1.5 * ttl);
        expect(await store.renew(session)).toBe(false);
        expect((await store.list()).held).toEqual([]);
      }));

    it('a session that is gone claims nothing (F63)', () =>
      tried(async (store, session) => {
        await store.end(session, 'at once');
        const answer = await store.claim(session, 'music', undefined);
        expect(answer?.token).toBeUndefined();
        expect((await store.list()).held).toEqual([]);
      }));

    it('what changed is told from the revision on to which the store is compacted, and refused from any before (F74)', () =>
      tried(async (store, session) => {
        const listings = [await store.list()];
        for (const each of ['music', 'films', 'letters']) {
          await store.claim(session, each, undefined);
          listings.push(await store.list());
          if (each === 'films') await store.compact();
        }
        const told = listings.map(async ({ revision }) => {
          // The last one has nothing after it.
          if (revision === listings.at(-1)!.revision) return 'nothing';
          return (await store.changeAfter(revision))?.volume;
        });
        // `films` is in the revision itself, which is kept.
        expect(await Promise.all(told)).toEqual([
          undefined,
          'films',
          'letters',
          'nothing',
        ]);
      }));

    it('who claims again does not hear of a predecessor whose revision is compacted (F74)', () =>
      tried(async (store, session) => {
        const held = (await store.list()).held[0]!;
        await store.release(session, 'photos', held.token);
        const first = await store.claim(session, 'photos', undefined);
        expect(first).toMatchObject({ predecessor: { owner: 'A' } });
        const again = await store.claim(session, 'photos', first?.token);
        expect(again).toMatchObject({ predecessor: { owner: 'A' } });
        await store.compact();
        const later = await store.claim(session, 'photos', again?.token);
        expect(later?.token).toBeDefined();
        expect(later).toMatchObject({ predecessor: undefined });
      }));
  });
});
