import { etcdServingLeases } from '@nestjs-transitions/etcd';
import {
  LeaseStoreError,
  type LeaseSession,
  type ServingLeases,
} from 'nestjs-transitions/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaseKey } from './etcd-gateway.js';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { InterposedEtcd } from './interposed-etcd.js';
import { claimed, free, never } from './serving-leases.contract.js';

const volume = 'photos';

/** What the record says when the volume is looked at, and in how many requests that is found out. */
const beforehand = {
  'nobody had': { looks: 1, make: async () => undefined },
  'a session that expired had': {
    looks: 2,
    make: async ({ other }) => {
      await claimed(other, volume);
      await other.end(never);
    },
  },
  'a session that ended in order had': {
    looks: 2,
    make: async ({ other }) => {
      await claimed(other, volume);
      await other.endInOrder(never);
    },
  },
  'somebody released': {
    looks: 1,
    make: async ({ other }) => {
      const { token } = await claimed(other, volume);
      await other.release([{ volume, token, note: 'bye' }], never);
    },
  },
} satisfies Record<
  string,
  { readonly looks: number; readonly make: (scene: Scene) => Promise<void> }
>;

/** What happens after that, and before the claim is written. */
const inBetween = {
  nothing: async () => undefined,
  'another session claims it': async ({ third }) => {
    await claimed(third, volume);
  },
  'another session claims and releases it': async ({ third }) => {
    const { token } = await claimed(third, volume);
    await third.release([{ volume, token, note: '' }], never);
  },
  'another session claims it and expires': async ({ third }) => {
    await claimed(third, volume);
    await third.end(never);
  },
  'another session claims it and ends in order': async ({ third }) => {
    await claimed(third, volume);
    await third.endInOrder(never);
  },
  'a stranger writes it': ({ etcd, namespace }) =>
    etcd.gateway.put(leaseKey(namespace, volume), 'a stranger'),
  'an operator deletes it': ({ etcd, namespace }) =>
    etcd.gateway.remove(leaseKey(namespace, volume)),
} satisfies Record<string, (scene: Scene) => Promise<void>>;

/** How the session that claims may end meanwhile. */
const ends = {
  'is revoked': ({ own }) => own.end(never),
  'ends in order': ({ own }) => own.endInOrder(never),
  'has its key deleted': ({ etcd, namespace, own }) =>
    etcd.gateway.remove(`${namespace}/leases/sessions/${own.id}`),
} satisfies Record<string, (scene: Scene) => Promise<void>>;

interface Scene {
  readonly etcd: EtcdProcess;
  readonly namespace: string;
  readonly leases: ServingLeases;
  /** Whoever had the volume before. */
  readonly other: LeaseSession;
  /** Whoever comes in between. */
  readonly third: LeaseSession;
  /** Whoever claims it, through what is in between. */
  readonly own: LeaseSession;
}

describe.skipIf(!hasEtcd)('a claim in etcd', () => {
  let etcd: EtcdProcess;
  let between: InterposedEtcd;
  let scenes = 0;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
    between = await InterposedEtcd.start(etcd.endpoint);
  });
  afterAll(async () => {
    between.stop();
    await etcd.stop();
  });

  async function inScene(run: (scene: Scene) => Promise<void>): Promise<void> {
    const namespace = `scene-${++scenes}`;
    const open = (endpoint: string): ServingLeases =>
      etcdServingLeases({ endpoints: [endpoint], namespace });
    const leases = open(etcd.endpoint);
    const interposed = open(between.endpoint);
    try {
      await run({
        etcd,
        namespace,
        leases,
        other: await leases.openSession('before', never),
        third: await leases.openSession('third', never),
        own: await interposed.openSession('own', never),
      });
    } finally {
      await interposed.close();
      await leases.close();
    }
  }

  /** A volume is so beforehand, and something happens between the look and the claim. */
  async function interrupted(
    scene: Scene,
    before: keyof typeof beforehand,
    happens: (scene: Scene) => Promise<void>,
  ): Promise<void> {
    const { looks, make } = beforehand[before];
    await make(scene);
    between.interrupt(looks, () => happens(scene));
  }

  describe.each(Object.keys(beforehand) as (keyof typeof beforehand)[])(
    'of a volume that %s',
    (before) => {
      it.each(Object.keys(inBetween) as (keyof typeof inBetween)[])(
        'and that has been looked at when %s tells the truth of whoever holds it (I33, I37)',
        (what) =>
          inScene(async (scene) => {
            await interrupted(scene, before, inBetween[what]);
            const [answer] = await scene.own.claim([free(volume)], never);
            const { held } = await scene.leases.list(never);
            const { own, third } = scene;
            const mine = { volume, owner: 'own', session: own.id };
            const taken =
              what === 'another session claims it'
                ? { owner: 'third', session: third.id }
                : what === 'a stranger writes it'
                  ? { owner: '(not written by a peer)' }
                  : undefined;
            expect(held).toMatchObject([taken ?? mine]);
            const { token } = held[0]!;
            expect(answer).toMatchObject(
              taken === undefined
                ? { token }
                : { token: undefined, holder: { ...taken, token } },
            );
          }),
      );

      it.each(Object.keys(ends) as (keyof typeof ends)[])(
        'by a session that %s after the look takes nothing, and its next renewal says that it is gone (I37)',
        (how) =>
          inScene(async (scene) => {
            await interrupted(scene, before, ends[how]);
            const { own, leases } = scene;
            await expect(own.claim([free(volume)], never)).rejects.toThrow(
              LeaseStoreError,
            );
            expect((await leases.list(never)).held).toEqual([]);
            expect(await own.renew(never)).toBeUndefined();
          }),
      );
    },
  );

  it('takes nothing from a session that is there again, as after a restore, says that it has the volume, and takes it when that one is over (I32)', () =>
    inScene(async (scene) => {
      const { own, other, leases, namespace } = scene;
      const key = `${namespace}/leases/sessions/${other.id}`;
      await interrupted(scene, 'a session that expired had', () =>
        etcd.gateway.bringBack(key, other.id),
      );
      const answers = await own.claim([volume, 'music'].map(free), never);
      const { held } = await leases.list(never);
      expect(held).toMatchObject([
        { volume: 'music', owner: 'own' },
        { volume, owner: 'before' },
      ]);
      const { token } = held[1]!;
      const holder = { owner: 'before', session: other.id, token };
      expect(answers).toMatchObject([
        { volume, token: undefined, holder },
        { volume: 'music', token: held[0]!.token },
      ]);
      await etcd.gateway.remove(key);
      const { predecessor } = await claimed(own, volume);
      expect(predecessor).toMatchObject({ owner: 'before', token });
    }));
});
