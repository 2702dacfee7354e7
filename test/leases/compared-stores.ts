import { setTimeout as wait } from 'node:timers/promises';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import {
  MemoryLeaseStore,
  memoryServingLeases,
  VirtualClock,
} from '@nestjs-transitions/testing';
import { Chance } from '../simulation/chance.js';
import { SimulatedStore } from '../simulation/store.js';
import { Timeline } from '../simulation/timeline.js';
import { AskedStore, type Store } from './asked-store.js';
import { leaseKey, type EtcdGateway } from './etcd-gateway.js';
import type { EtcdProcess } from './etcd-process.js';

/** Of every session here, in milliseconds. */
export const ttl = 2_000;

/** The owner of what no peer wrote. */
const stranger = '(not written by a peer)';

/** The store that the simulation has. */
export function simulated(): Store {
  const timeline = new Timeline(new Chance(1));
  const rules = { keepsTokens: false, replacesOwnKeys: false };
  const store = new SimulatedStore(timeline, {
    ttl,
    ...rules,
    releasesAnyToken: false,
  });
  const pass = (milliseconds: number): Promise<void> =>
    timeline.run(timeline.now + milliseconds);
  return {
    open: async (owner) => store.open(owner).id,
    renew: async (session) => store.renew(session) !== undefined,
    claim: async (session, volume, token) => {
      try {
        return store.claim(session, [{ volume, token }])[0];
      } catch {
        return undefined;
      }
    },
    release: async (_session, volume, token) =>
      store.release([{ volume, token, note: `of ${volume}` }]),
    end: async (session, how) =>
      how === 'at once' ? store.end(session) : store.endInOrder(session),
    remove: async (volume) => store.deleteKey(volume),
    expire: async (volume) => store.expireKey(volume),
    overwrite: async (volume) => store.overwriteKey(volume),
    async *follow(revision, signal) {
      const changes = [...store.changesAfter(revision)];
      let wake = (): void => undefined;
      store.onChange = (change) => {
        changes.push(change);
        wake();
      };
      signal.addEventListener('abort', () => wake());
      while (!signal.aborted) {
        if (changes.length > 0) yield changes.splice(0);
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    list: async () => store.list(),
    changeAfter: async (revision) => {
      try {
        return store.changesAfter(revision)[0];
      } catch {
        return undefined;
      }
    },
    compact: async () => store.compact(),
    pass,
    restart: async () => {
      store.restart(1);
      await pass(1);
    },
    standStill: async (milliseconds) => {
      store.stop(milliseconds);
      await pass(milliseconds + 1);
    },
  };
}

/** An etcd. */
export function real(etcd: EtcdProcess, namespace: string): AskedStore {
  const { gateway, endpoint } = etcd;
  const options = { endpoints: [endpoint], namespace, ttl: ttl / 1_000 };
  return new AskedStore(etcdServingLeases(options), {
    remove: (name) => gateway.remove(leaseKey(namespace, name)),
    expire: (name) => expireByHand(gateway, leaseKey(namespace, name)),
    overwrite: (name) => gateway.put(leaseKey(namespace, name), 'a stranger'),
    compact: () => gateway.compact(),
    pass: (milliseconds) => wait(milliseconds),
    restart: async () => {
      await etcd.die();
      await etcd.startAgain();
    },
    standStill: async (milliseconds) => {
      await etcd.pause();
      await wait(milliseconds);
      etcd.resume();
    },
  });
}

/** Writes that the claim that a record is of has expired, with its token. */
async function expireByHand(gateway: EtcdGateway, key: string): Promise<void> {
  const record = await gateway.get(key);
  const value = Buffer.from(record!.value, 'base64').toString();
  const { owner } = value.startsWith('{')
    ? (JSON.parse(value) as { readonly owner: string })
    : { owner: stranger };
  const expired = record!.mod_revision;
  await gateway.put(key, JSON.stringify({ owner, expired }));
}

/** The store that tests of users have. */
export function inMemory(): AskedStore {
  const clock = new VirtualClock();
  const store = new MemoryLeaseStore({ clock });
  return new AskedStore(memoryServingLeases({ store, ttl }), {
    remove: async (name) => store.remove(name),
    expire: async (name) => store.expire(name),
    overwrite: async (name) => store.overwrite(name, stranger),
    compact: async () => store.compact(),
    pass: (milliseconds) => clock.advance(milliseconds),
    restart: async () => store.restart(),
    standStill: async (milliseconds) => {
      await clock.advance(milliseconds);
      store.stall();
    },
  });
}
