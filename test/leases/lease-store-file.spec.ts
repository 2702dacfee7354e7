import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  type SessionState,
} from 'nestjs-transitions';
import { expect, it, onTestFinished } from 'vitest';

const source = staticConfSource(
  ConfMap.fromObject({
    Cluster: { WhoAmI: 'a', Peers: ['a'] },
    FSGlobals: { VolumeGroupList: 'g' },
    'VolumeGroup:g': { VolumeList: 'v', PrimaryPeer: 'a' },
  }),
);

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lease-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'store');
}

/** An application that has booted, with what it tells of its session. */
async function boot(store: MemoryLeaseStore, leaseStoreFile: string) {
  const module = await Test.createTestingModule({
    imports: [
      TransitionsModule.forRoot({
        source,
        leases: memoryServingLeases({ store }),
        leaseStoreFile,
        reloadOnSighup: false,
      }),
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  onTestFinished(() => module.close());
  const transitions = module.get(TransitionsService);
  const sessions: SessionState[] = [];
  transitions.events$.subscribe((event) => {
    if (event.type === 'leaseSession') sessions.push(event.session);
  });
  transitions.register('store', { serveVolume: () => undefined });
  await module.init();
  const served = (): readonly string[] =>
    transitions.snapshot().participants.find(({ name }) => name === 'store')!
      .served;
  return { transitions, sessions, served, close: () => module.close() };
}

it('a process that starts again after the store has lost its data serves nothing until an operator confirms, and the next one serves (F72)', async () => {
  const store = new MemoryLeaseStore();
  const file = newFile();
  const first = await boot(store, file);
  expect(first.served()).toEqual(['v']);
  await first.close();
  const expected = store.storeId;
  store.wipe();
  const second = await boot(store, file);
  expect(second.served()).toEqual([]);
  expect(second.transitions.isReady).toBe(false);
  expect(second.transitions.snapshot().waiting).toMatchObject([
    { volume: 'v' },
  ]);
  const found = store.storeId;
  expect(second.sessions).toEqual([{ state: 'otherStore', expected, found }]);
  expect(store.list().held).toEqual([]);
  expect(() => second.transitions.confirmLeaseStore(`${found}0`)).toThrow(
    `Lease store ${found}0 was not found: ${found} is there, and ${expected} is expected`,
  );
  second.transitions.confirmLeaseStore(found);
  await expect.poll(second.served).toEqual(['v']);
  await second.close();
  const third = await boot(store, file);
  expect(third.served()).toEqual(['v']);
});

it('without its file a process takes the store that answers, as after an operator has removed it', async () => {
  const store = new MemoryLeaseStore();
  const file = newFile();
  await (await boot(store, file)).close();
  store.wipe();
  rmSync(file);
  expect((await boot(store, file)).served()).toEqual(['v']);
});
