import type { ClaimRequest, LeaseSession } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../virtual-clock.js';
import { MemoryLeaseStore } from './memory-lease-store.js';
import {
  memoryServingLeases,
  type MemoryServingLeases,
} from './memory-serving-leases.js';

const never = new AbortController().signal;

interface Tried {
  readonly clock: VirtualClock;
  readonly store: MemoryLeaseStore;
  readonly leases: MemoryServingLeases;
  readonly session: LeaseSession;
}

async function tried(): Promise<Tried> {
  const clock = new VirtualClock();
  const store = new MemoryLeaseStore({ clock });
  const leases = memoryServingLeases({ store, clock, ttl: 1_000 });
  const session = await leases.openSession('A', never);
  return { clock, store, leases, session };
}

function free(volume: string): ClaimRequest {
  return { volume, token: undefined };
}

function holders(store: MemoryLeaseStore): string[] {
  return store.list().held.map(({ volume, owner }) => `${volume}: ${owner}`);
}

describe('a memory lease store', () => {
  it('ends a session exactly when its ttl is over', async () => {
    const { clock, store, session } = await tried();
    await session.claim([free('photos')], never);
    await clock.advance(600);
    await session.renew(never);
    await clock.advance(999);
    expect(holders(store)).toEqual(['photos: A']);
    await clock.advance(1);
    expect(holders(store)).toEqual([]);
    expect(await session.renew(never)).toBeUndefined();
  });

  it('gives each session its whole ttl again when it restarts (F69)', async () => {
    const { clock, store, session } = await tried();
    await session.claim([free('photos')], never);
    await clock.advance(900);
    store.restart();
    await clock.advance(999);
    expect(holders(store)).toEqual(['photos: A']);
    await clock.advance(1);
    expect(holders(store)).toEqual([]);
  });

  it('has lost all sessions after it stood still (F70)', async () => {
    const { store, session } = await tried();
    await session.claim([free('photos')], never);
    store.stall();
    expect(await session.renew(never)).toBeUndefined();
    expect(holders(store)).toEqual([]);
  });

  it('is another one after it lost its data, and its tokens start again (F72)', async () => {
    const { store, leases, session } = await tried();
    await session.claim([free('photos')], never);
    await session.claim([free('music')], never);
    store.wipe();
    expect(await session.renew(never)).toBeUndefined();
    const next = await leases.openSession('A', never);
    expect(next.storeId).not.toBe(session.storeId);
    const [claim] = await next.claim([free('photos')], never);
    expect(claim).toMatchObject({ token: 2n, predecessor: undefined });
  });

  it('runs on real time if it is given no clock', async () => {
    const leases = memoryServingLeases({ ttl: 20 });
    const session = await leases.openSession('A', never);
    await session.claim([free('photos')], never);
    const { revision } = await leases.list(never);
    for await (const [change] of leases.changes(revision, never)) {
      expect(change).toMatchObject({ session: session.id });
      break;
    }
    expect(await session.renew(never)).toBeUndefined();
  });
});

describe('the link of a handle', () => {
  it('that is refused fails each call at once, without effect', async () => {
    const { store, leases, session } = await tried();
    leases.link = 'refused';
    await expect(session.claim([free('photos')], never)).rejects.toThrow(
      'down',
    );
    expect(holders(store)).toEqual([]);
    leases.link = 'up';
    await session.claim([free('photos')], never);
    expect(holders(store)).toEqual(['photos: A']);
  });

  it.each([
    ['silent', []],
    ['deaf', ['photos: A']],
  ] as const)(
    'that is %s leaves %j held when the call is given up (F67)',
    async (link, held) => {
      const { store, leases, session } = await tried();
      leases.link = link;
      const controller = new AbortController();
      const call = session.claim([free('photos')], controller.signal);
      await new Promise(setImmediate);
      controller.abort();
      await expect(call).rejects.toThrow('given up');
      expect(holders(store)).toEqual(held);
    },
  );

  it('delays both ways', async () => {
    const { clock, store, leases, session } = await tried();
    leases.delay = 50;
    const call = session.claim([free('photos')], never);
    await clock.advance(49);
    expect(holders(store)).toEqual([]);
    await clock.advance(1);
    expect(holders(store)).toEqual(['photos: A']);
    const end = clock.now() + 50;
    await clock.settle(call);
    expect(clock.now()).toBe(end);
  });

  it('tells no changes while it is down', async () => {
    const { store, leases, session } = await tried();
    const { revision } = await leases.list(never);
    const changes = leases.changes(revision, never);
    leases.link = 'silent';
    store.overwrite('music', 'a stranger');
    const next = changes[Symbol.asyncIterator]().next();
    await new Promise(setImmediate);
    leases.link = 'up';
    await session.claim([free('photos')], never);
    expect(await next).toMatchObject({ value: [{ volume: 'photos' }] });
  });
});
