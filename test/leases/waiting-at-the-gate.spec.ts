import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  MemoryLeaseStore,
  memoryServingLeases,
} from '@nestjs-transitions/testing';
import {
  ConfMap,
  staticConfSource,
  TransitionsModule,
  TransitionsService,
  VolumeGate,
  type TransitionCallbacks,
} from 'nestjs-transitions';
import { expect, it, onTestFinished } from 'vitest';

/** Which peer has mail and photos, which are groups of their own. */
function conf(mail: string, photos: string): ConfMap {
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'a', Peers: ['a', 'b'] },
    FSGlobals: { VolumeGroupList: ['m', 'p'] },
    'VolumeGroup:m': { VolumeList: 'mail', PrimaryPeer: mail },
    'VolumeGroup:p': { VolumeList: 'photos', PrimaryPeer: photos },
  });
}

/** Calls of some callbacks that wait until the test lets them go on. */
class Held {
  private readonly goOn = new Map<string, () => void>();

  readonly call = (name: string): Promise<void> =>
    new Promise((resolve) => {
      this.goOn.set(name, resolve);
    });

  async untilIn(name: string): Promise<void> {
    while (!this.goOn.has(name)) await setImmediate();
  }

  async release(name: string): Promise<void> {
    await this.untilIn(name);
    this.goOn.get(name)!();
    this.goOn.delete(name);
  }
}

async function start(callbacks: TransitionCallbacks): Promise<{
  readonly gate: VolumeGate;
  readonly transitions: TransitionsService;
  readonly store: MemoryLeaseStore;
}> {
  const store = new MemoryLeaseStore();
  const module = await Test.createTestingModule({
    imports: [
      TransitionsModule.forRoot({
        source: staticConfSource(conf('a', 'b')),
        leases: memoryServingLeases({ store }),
        reloadOnSighup: false,
      }),
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  onTestFinished(() => module.close());
  const transitions = module.get(TransitionsService);
  transitions.register('store', callbacks);
  await module.init();
  return { gate: module.get(VolumeGate), transitions, store };
}

/** What has become of a request by now. */
function follow(asked: Promise<Disposable>): { end: string } {
  const followed = { end: 'waits' };
  asked.then(
    (pass) => {
      pass[Symbol.dispose]();
      followed.end = 'was in';
    },
    (thrown: Error) => {
      followed.end = thrown.message;
    },
  );
  return followed;
}

const patient = { waitMs: 60_000 };

it('a request waits on for a volume while a loss pre-empts the reload that brings it, and so does who comes then', async () => {
  const held = new Held();
  const { gate, transitions, store } = await start({
    volumeGroupMoved: () => held.call('reload'),
    volumeLost: () => held.call('loss'),
  });
  const reload = transitions.signaled(conf('a', 'a'));
  await held.untilIn('reload');
  const early = follow(gate.admit('photos', patient));
  store.remove('mail');
  await expect.poll(() => gate.isOpen('mail')).toBe(false);
  await held.release('reload');
  await held.untilIn('loss');
  const late = follow(gate.admit('photos', patient));
  await setImmediate();
  expect([early.end, late.end]).toEqual(['waits', 'waits']);
  await held.release('loss');
  expect((await reload).outcome).toBe('applied');
  await setImmediate();
  expect([early.end, late.end]).toEqual(['was in', 'was in']);
});

it('a request is refused when the reload that goes on after a loss brings the volume no more', async () => {
  const held = new Held();
  let isFirst = true;
  const { gate, transitions, store } = await start({
    validate: () => {
      if (isFirst || gate.isOpen('mail')) return;
      throw new Error('not without mail');
    },
    volumeGroupMoved: () => held.call('reload'),
    volumeLost: () => held.call('loss'),
  });
  isFirst = false;
  const reload = transitions.signaled(conf('a', 'a')).catch(() => 'rejected');
  await held.untilIn('reload');
  const asked = follow(gate.admit('photos', patient));
  store.remove('mail');
  await expect.poll(() => gate.isOpen('mail')).toBe(false);
  await held.release('reload');
  await held.release('loss');
  expect(await reload).toBe('rejected');
  await setImmediate();
  expect(asked.end).toMatch(/photos/);
});
