import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConsoleLogger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  ConfMap,
  staticConfSource,
  TransitionsModule,
  TransitionsService,
} from 'nestjs-transitions';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { VolumeRoute } from './http/index.js';
import { Limits } from './participants/limits.js';
import { Peers } from './participants/peers.js';
import { LOCK_WAIT_MS, VolumeStore } from './participants/volume-store.js';
import { schemas } from './options/schemas.js';
import { RequestRouter } from './request-router.js';
import { VolumeDirectory } from './storage/index.js';

let folder: string;
let module: TestingModule;
/** What the router said of the volume after each phase, repetitions left out. */
let said: string[];

function clusterOf(primary: string, volumes: string[] = ['v']): ConfMap {
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'a', Peers: ['a', 'b'] },
    'Peer:a': { PublicIPAddr: '127.0.0.1', HTTPPort: '7001' },
    'Peer:b': { PublicIPAddr: '127.0.0.1', HTTPPort: '7002' },
    FileServer: { DataRoot: folder },
    FSGlobals: { VolumeGroupList: 'g' },
    'VolumeGroup:g': {
      VolumeList: volumes,
      PrimaryPeer: primary === '' ? [] : primary,
      VirtualIPAddr: [],
    },
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'volumed-router-'));
  const source = staticConfSource(clusterOf('a'));
  module = await Test.createTestingModule({
    imports: [
      TransitionsModule.forRoot({ source, schemas, reloadOnSighup: false }),
    ],
    providers: [
      Peers,
      VolumeStore,
      RequestRouter,
      { provide: Limits, useValue: { requestWaitMs: 0 } },
      { provide: LOCK_WAIT_MS, useValue: 100 },
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  said = [];
  module.get(TransitionsService).events$.subscribe(({ type }) => {
    if (type !== 'phaseEnded') return;
    const kind = route();
    if (said.at(-1) !== kind) said.push(kind);
  });
});

/** Where the volume is, for a request that leaves it at once. */
function route(volume = 'v'): VolumeRoute['kind'] {
  const never = (): never => expect.unreachable('nobody waits');
  const found = module.get(RequestRouter).route(volume, never) as VolumeRoute;
  if (found.kind === 'here') found.pass[Symbol.dispose]();
  return found.kind;
}

afterEach(async () => {
  await module.close();
  await rm(folder, { recursive: true });
});

it('a volume is here once all participants serve it, unavailable while it moves, and then elsewhere', async () => {
  await module.init();
  expect(said.splice(0)).toEqual(['unknown', 'unavailable', 'here']);
  const transitions = module.get(TransitionsService);
  await transitions.signaled(clusterOf('b'));
  expect(said.splice(0)).toEqual(['here', 'unavailable', 'elsewhere']);
  await transitions.signaled(clusterOf(''));
  await transitions.signaled(clusterOf('a'));
  expect(said.splice(0)).toEqual(['elsewhere', 'unavailable', 'here']);
});

it('on its way down a peer says of no volume that it is unknown', async () => {
  await module.init();
  said = [];
  await module.get(TransitionsService).down();
  expect(said).toEqual(['here', 'unavailable']);
  expect(route()).toBe('unavailable');
});

it('a volume that the configuration gives to this peer, which cannot serve it, is unavailable and not elsewhere (F157)', async () => {
  await module.init();
  const transitions = module.get(TransitionsService);
  await transitions.signaled(clusterOf('b'));
  const other = await VolumeDirectory.open(join(folder, 'v'));
  await expect(
    transitions.signaled(clusterOf('a', ['v', 'new'])),
  ).rejects.toThrow('rolledBack');
  expect([route(), route('new'), route('none')]).toEqual([
    'unavailable',
    'unavailable',
    'unknown',
  ]);
  // Whoever asks for what is in force has changed the mind of the operator.
  await transitions.signaled(clusterOf('b'));
  expect(route()).toBe('elsewhere');
  await expect(transitions.signaled(clusterOf('a'))).rejects.toThrow(
    'rolledBack',
  );
  await other.close();
  await transitions.signaled(clusterOf('a'));
  expect(route()).toBe('here');
});
