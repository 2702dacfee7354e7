import 'reflect-metadata';
import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  MemoryLeaseStore,
  memoryServingLeases,
} from '@nestjs-transitions/testing';
import {
  ConfMap,
  ReloadService,
  TransitionsModule,
  TransitionsService,
  type TransitionEvent,
} from 'nestjs-transitions';
import { expect, it, onTestFinished } from 'vitest';

const groups = 10_000;
const ttl = 5_000;
// In the last group that comes here with the reload.
const lastToCome = 'v99999';

/** All volumes at this peer, ten in each group; every 33rd group may be elsewhere. */
function conf(elsewhere: boolean): ConfMap {
  const lines = ['[Cluster]', 'WhoAmI: a', 'Peers: a b', '[FSGlobals]'];
  const names = Array.from({ length: groups }, (_, at) => `g${at}`);
  lines.push(`VolumeGroupList: ${names.join(' ')}`);
  names.forEach((name, at) => {
    const volumes = Array.from(
      { length: 10 },
      (_, index) => `v${10 * at + index}`,
    );
    const peer = elsewhere && at % 33 === 0 ? 'b' : 'a';
    lines.push(`[VolumeGroup:${name}]`, `PrimaryPeer: ${peer}`);
    lines.push(`VolumeList: ${volumes.join(' ')}`);
  });
  return ConfMap.parse(`${lines.join('\n')}\n`);
}

it('with 100,000 volumes, a reload that fails and is rolled back loses no lease', async () => {
  const configurations = [conf(true), conf(false), conf(false)];
  const store = new MemoryLeaseStore();
  const module = await Test.createTestingModule({
    imports: [
      TransitionsModule.forRoot({
        source: {
          load: async () => configurations.shift()!,
          describe: () => 'a test',
        },
        leases: memoryServingLeases({ store, ttl }),
        reloadOnSighup: false,
        retry: false,
      }),
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  onTestFinished(() => module.close());
  const transitions = module.get(TransitionsService);
  const events: TransitionEvent[] = [];
  transitions.events$.subscribe((event) => events.push(event));
  let fails = false;
  transitions.register('store', {
    serveVolume: (_confMap, volume) => {
      if (fails && volume === lastToCome) throw new Error('full');
    },
  });
  await module.init();
  fails = true;
  const reloads = module.get(ReloadService);
  const report = await reloads.reload('test');
  expect(report.outcome).toBe('rolledBack');
  fails = false;
  expect((await reloads.reload('test')).outcome).toBe('applied');
  expect(events.filter(({ type }) => type === 'leasesLost')).toEqual([]);
  expect(store.list().held).toHaveLength(10 * groups);
  expect(transitions.isReady).toBe(true);
});
