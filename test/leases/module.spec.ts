import 'reflect-metadata';
import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  MemoryLeaseStore,
  memoryServingLeases,
  type MemoryServingLeases,
} from '@nestjs-transitions/testing';
import {
  ConfMap,
  LeaseLostError,
  staticConfSource,
  TransitionsModule,
  TransitionsService,
  VolumeGate,
  VolumeNotServedError,
  type Predecessor,
  type TransitionCallbacks,
  type TransitionEvent,
} from 'nestjs-transitions';
import { expect, it, onTestFinished, vi } from 'vitest';

const conf = serving('a', ['v']);
/** So long that no session ends because the machine is busy. */
const ttl = 6_000;

/** All of them at this peer. */
function serving(peer: string, volumes: readonly string[]): ConfMap {
  return ConfMap.fromObject({
    Cluster: { WhoAmI: peer, Peers: ['a', 'b'] },
    FSGlobals: { VolumeGroupList: 'g' },
    'VolumeGroup:g': { VolumeList: volumes, PrimaryPeer: peer },
  });
}

interface Started {
  readonly gate: VolumeGate;
  readonly transitions: TransitionsService;
  readonly leases: MemoryServingLeases;
  readonly close: () => Promise<void>;
}

async function start(
  store: MemoryLeaseStore,
  callbacks: TransitionCallbacks = {},
  confMap: ConfMap = conf,
): Promise<Started> {
  const leases = memoryServingLeases({ store, ttl });
  const module = await Test.createTestingModule({
    imports: [
      TransitionsModule.forRoot({
        source: staticConfSource(confMap),
        leases,
        reloadOnSighup: false,
      }),
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  onTestFinished(() => module.close());
  module.get(TransitionsService).register('store', callbacks);
  await module.init();
  const gate = module.get(VolumeGate);
  const transitions = module.get(TransitionsService);
  return { gate, transitions, leases, close: () => module.close() };
}

/** Looks again and again. */
async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { interval: 10 }).toBe(true);
}

it('a pass has the token of the claim, and says at each use whether it still counts', async () => {
  const store = new MemoryLeaseStore();
  const tokens: (bigint | undefined)[] = [];
  const { gate, transitions } = await start(store, {
    serveVolume: (_confMap, _volume, context) => {
      context.assertHeld();
      tokens.push(context.fencingToken);
    },
  });
  using pass = gate.enter('v');
  expect(pass.fencingToken).toBe(tokens[0]);
  expect(() => pass.assertHeld()).not.toThrow();
  store.revoke('session-1');
  await until(() => tokens.length === 2);
  await until(() => gate.isOpen('v'));
  expect(() => pass.assertHeld()).toThrow(LeaseLostError);
  expect(pass.signal.aborted).toBe(true);
  using next = gate.enter('v');
  expect(next.fencingToken).toBe(tokens[1]);
  expect(next.fencingToken).toBeGreaterThan(tokens[0]!);
  expect(transitions.isReady).toBe(true);
});

it('those inside are told at once of a loss, though the volume drains in a Down that waits for them', async () => {
  const store = new MemoryLeaseStore();
  const told: string[] = [];
  const { gate, close } = await start(store, {
    unserveVolume: (_confMap, _volume, { kind }) => {
      told.push(kind);
    },
  });
  const pass = gate.enter('v');
  const closed = close();
  await until(() => !gate.isOpen('v'));
  expect(pass.signal.aborted).toBe(false);
  store.revoke('session-1');
  await until(() => pass.signal.aborted);
  expect(pass.signal.reason).toMatchObject({
    message: 'Volume v is taken away: 1 inside had not left after 0 ms',
  });
  pass[Symbol.dispose]();
  await closed;
  expect(told).toEqual(['lost']);
});

it('nobody gets in once the time of the session is over, though the process has done nothing yet', async () => {
  // As in a process that is stopped: time passes, and no timer fires.
  vi.useFakeTimers({ toFake: ['hrtime'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = new MemoryLeaseStore();
  const { gate, transitions } = await start(store);
  using pass = gate.enter('v');
  expect(() => pass.assertHeld()).not.toThrow();
  vi.advanceTimersByTime(ttl);
  expect(() => pass.assertHeld()).toThrow(LeaseLostError);
  expect(() => gate.enter('v')).toThrow(VolumeNotServedError);
  expect(() => gate.enter('v', { within: pass })).toThrow(VolumeNotServedError);
  expect(transitions.isReady).toBe(false);
});

it('a volume that another peer holds is waited for, and its requests with it', async () => {
  const store = new MemoryLeaseStore();
  store.overwrite('v', 'b');
  const { gate, transitions } = await start(store);
  expect(transitions.snapshot()).toMatchObject({
    degraded: false,
    waiting: [{ volume: 'v', holder: 'b', session: expect.any(String) }],
  });
  expect(() => gate.enter('v')).toThrow(VolumeNotServedError);
  store.remove('v');
  await until(() => gate.isOpen('v'));
  expect(transitions.snapshot().waiting).toEqual([]);
});

it('a peer says how it is with its session, and why it is not ready, also as JSON', async () => {
  const store = new MemoryLeaseStore();
  const { transitions, leases, close } = await start(store);
  expect(transitions.snapshot().session).toMatchObject({ state: 'open' });
  const told: TransitionEvent[] = [];
  transitions.events$.subscribe((event) => told.push(event));
  leases.link = 'refused';
  store.revoke('session-1');
  const ids = (): unknown[] =>
    told.map((event) =>
      event.type === 'leaseSession' && event.session.state === 'unreachable'
        ? event.session.id
        : event.type,
    );
  await until(() => ids().includes('session-1'));
  // Until its time is over.
  expect(transitions.isReady).toBe(true);
  await until(() => ids().includes(undefined));
  expect(transitions.isReady).toBe(false);
  const error = { name: 'LeaseStoreError', message: expect.any(String) };
  const session = { state: 'unreachable', error };
  const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  expect(asJson(transitions.snapshot())).toMatchObject({ session });
  expect(asJson(told)).toContainEqual({ type: 'leaseSession', session });
  leases.link = 'up';
  await close();
  expect(transitions.snapshot().session).toMatchObject({ state: 'ended' });
});

it('an application that closes has let go of everything', async () => {
  const store = new MemoryLeaseStore();
  const started = await start(store);
  expect(store.list().held).toHaveLength(1);
  await started.close();
  expect(store.list().held).toEqual([]);
});

it('whoever boots after a peer that closed hears that all was released, with the notes that were given', async () => {
  const store = new MemoryLeaseStore();
  const names = ['v', 'w', 'x', 'y'];
  const tokens = new Map<string, bigint>();
  const left = await start(
    store,
    {
      serveVolume: (_confMap, volume, { fencingToken }) => {
        tokens.set(volume, fencingToken!);
      },
      unserveVolume: async (_confMap, volume) =>
        volume === 'w' ? 'up to block 7' : undefined,
    },
    serving('a', names),
  );
  await left.close();
  const predecessors: (readonly [string, Predecessor | undefined])[] = [];
  await start(
    store,
    {
      serveVolume: (_confMap, volume, { predecessor }) => {
        predecessors.push([volume, predecessor]);
      },
    },
    serving('b', names),
  );
  expect(predecessors).toEqual(
    names.map((name) => [
      name,
      {
        owner: 'a',
        token: tokens.get(name),
        end: 'released',
        note: name === 'w' ? 'up to block 7' : '',
      },
    ]),
  );
});

it('without leases a pass has no token, and may always be used', async () => {
  const module = await Test.createTestingModule({
    imports: [
      TransitionsModule.forRoot({
        source: staticConfSource(conf),
        reloadOnSighup: false,
      }),
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  onTestFinished(() => module.close());
  await module.init();
  using pass = module.get(VolumeGate).enter('v');
  expect(pass.fencingToken).toBeUndefined();
  expect(() => pass.assertHeld()).not.toThrow();
});
