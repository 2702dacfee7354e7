import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConsoleLogger, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfMap, ReloadService, TransitionsService } from 'nestjs-transitions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppModule } from './app.module.js';
import { PeerStatus } from './status/peer-status.js';

let folder: string;
let conf: string;
let app: INestApplication;

function clusterOf(primary: string): ConfMap {
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'a', Peers: ['a', 'b'] },
    'Peer:a': { PublicIPAddr: '127.0.0.1', HTTPPort: '7001' },
    'Peer:b': { PublicIPAddr: '127.0.0.1', HTTPPort: '7002' },
    FileServer: { DataRoot: join(folder, 'data') },
    FSGlobals: { VolumeGroupList: 'g' },
    'VolumeGroup:g': {
      VolumeList: 'v',
      PrimaryPeer: primary,
      VirtualIPAddr: [],
    },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'volumed-app-'));
  conf = join(folder, 'peer.conf');
  await writeFile(conf, clusterOf('a').dump());
  await writeFile(join(folder, 'file'), '');
  const args = { conf, overrides: [], watch: false };
  const times = { lameduck: 0, drainTimeout: 1_000 };
  const module = await Test.createTestingModule({
    imports: [AppModule.register({ ...args, ...times })],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  app = module.createNestApplication();
  await app.init();
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

it.each([
  ['FileServer.RequestLog', '/nowhere/x'],
  ['FileServer.RequestLog', '.'],
  ['FileServer.RequestLog', ''],
  ['FileServer.RequestLog', 'a, b'],
  ['FileServer.ServingJournal', '/nowhere/j'],
  ['FileServer.ServingJournal', '/'],
  ['FileServer.StatusPage', 'perhaps'],
  ['FileServer.MaxFileBytes', '0'],
  ['FileServer.MaxListedEntries', 'many'],
  ['FileServer.RequestWaitTime', '5'],
  ['FileServer.DataRoot', ''],
  ['FileServer.DataRoot', 'file/below'],
  ['Peer:b.HTTPPort', '0'],
  ['Peer:b.PublicIPAddr', 'not/a/host'],
  ['Volume:v.Directory', '..'],
])(
  '%s: "%s" changes nothing, not even what else the reload is about (F150)',
  async (option, value) => {
    const moved = clusterOf('b').withOverrides([
      `${option}=${value.replace(/^file/, join(folder, 'file'))}`,
    ]);
    await writeFile(conf, moved.dump());
    const report = await app.get(ReloadService).reload();
    expect(report.outcome).toBe('rejected');
    const [message = ''] = report.errors.map((error) => error.message);
    expect(message).toContain(option.split('.')[1]);
    expect(message).toContain(`${conf}:`);
    const { participants, degraded } = app.get(TransitionsService).snapshot();
    const store = participants.find(({ name }) => name === 'VolumeStore');
    expect([store?.served, degraded]).toEqual([['v'], false]);
    expect(app.get(PeerStatus).isPublic).toBe(false);
  },
);

it('every participant that looks at more than options does so before anything changes (F150)', () => {
  const { participants } = app.get(TransitionsService).snapshot();
  const without = participants.filter(
    ({ callbacks }) => !callbacks.includes('validate'),
  );
  expect(without.map(({ name }) => name)).toEqual(['VolumeGate']);
});
