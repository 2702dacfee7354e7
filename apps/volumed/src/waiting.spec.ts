import 'reflect-metadata';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ConsoleLogger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { ConfMap, ReloadService, VolumeGate } from 'nestjs-transitions';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppModule } from './app.module.js';

const clients = 8;

let folder: string;
let conf: string;
let app: NestExpressApplication;

/** Volume `v` is in a group of this peer, or in another one of it. */
function clusterOf(
  home: 'g' | 'h',
  fileServer: Record<string, string> = {},
): ConfMap {
  const group = (volumes: string[]) => ({
    VolumeList: volumes,
    PrimaryPeer: 'a',
    VirtualIPAddr: [],
  });
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'a', Peers: ['a'] },
    'Peer:a': { PublicIPAddr: '127.0.0.1', HTTPPort: '7001' },
    FileServer: { DataRoot: join(folder, 'data'), ...fileServer },
    FSGlobals: { VolumeGroupList: ['g', 'h'] },
    'VolumeGroup:g': group(home === 'g' ? ['x', 'v'] : ['x']),
    'VolumeGroup:h': group(home === 'h' ? ['y', 'v'] : ['y']),
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'volumed-waiting-'));
  conf = join(folder, 'peer.conf');
  for (const volume of ['v', 'x', 'y']) {
    await mkdir(join(folder, 'data', volume), { recursive: true });
    await writeFile(join(folder, 'data', volume, 'file'), volume);
  }
});

afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

async function start(fileServer: Record<string, string> = {}): Promise<void> {
  await writeFile(conf, clusterOf('g', fileServer).dump());
  const args = { conf, overrides: [], watch: false };
  const times = { lameduck: 0, drainTimeout: 5_000 };
  const module = await Test.createTestingModule({
    imports: [AppModule.register({ ...args, ...times })],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  app = module.createNestApplication<NestExpressApplication>({
    bodyParser: false,
    forceCloseConnections: true,
  });
  await app.listen(0, '127.0.0.1');
}

async function moveTo(
  home: 'g' | 'h',
  fileServer: Record<string, string> = {},
): Promise<void> {
  await writeFile(conf, clusterOf(home, fileServer).dump());
  const { outcome } = await app.get(ReloadService).reload('test');
  expect(outcome).toBe('applied');
}

/** How many requests were answered with each status, of clients that send one after the other. */
class Load {
  readonly statuses = new Map<number, number>();
  private isOver = false;
  private running: Promise<unknown> | undefined;

  async start(): Promise<this> {
    const url = await app.getUrl();
    const volumes = ['v', 'v', 'x', 'y'];
    this.running = Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        const volume = volumes[index % volumes.length]!;
        while (!this.isOver) {
          const answer = await fetch(`${url}/volumes/${volume}/file`);
          await answer.arrayBuffer();
          const count = this.statuses.get(answer.status) ?? 0;
          this.statuses.set(answer.status, count + 1);
        }
      }),
    );
    return this;
  }

  async end(): Promise<number[]> {
    this.isOver = true;
    await this.running;
    return [...this.statuses.keys()];
  }
}

it('a reload under load in which a volume moves between groups of this peer answers no request with 503 (F181)', async () => {
  await start();
  const gate = app.get(VolumeGate);
  const load = await new Load().start();
  for (const home of ['h', 'g', 'h', 'g'] as const) {
    // Somebody is inside until every client of the volume waits for it.
    const pass = gate.enter('v');
    const move = moveTo(home);
    while (gate.waitingRequests < clients / 2) await setImmediate();
    pass[Symbol.dispose]();
    await move;
  }
  expect(await load.end()).toEqual([200]);
  expect(load.statuses.get(200)).toBeGreaterThan(clients);
});

it('without time to wait, those who come for a volume that moves are told to come again (F181)', async () => {
  const fileServer = { RequestWaitTime: '0' };
  await start(fileServer);
  const gate = app.get(VolumeGate);
  const load = await new Load().start();
  const pass = gate.enter('v');
  const move = moveTo('h', fileServer);
  while (!load.statuses.has(503)) await setImmediate();
  pass[Symbol.dispose]();
  await move;
  expect(new Set(await load.end())).toEqual(new Set([200, 503]));
});
