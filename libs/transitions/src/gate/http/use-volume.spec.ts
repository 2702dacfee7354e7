import 'reflect-metadata';
import { once } from 'node:events';
import { request as send, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import {
  ConsoleLogger,
  Controller,
  Get,
  Param,
  StreamableFile,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { ConfMap } from '@nestjs-transitions/conf';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { staticConfSource } from '../../sources/static.conf-source.js';
import { TransitionsModule } from '../../transitions.module.js';
import { TransitionsService } from '../../transitions.service.js';
import { UsedVolume, UseVolume } from './use-volume.decorator.js';
import { VolumeGate } from '../volume.gate.js';
import type { VolumePass } from '../volume-entrance.js';

function clusterOf(primary: string): ConfMap {
  const group = (volumes: string, peer: string) => ({
    VolumeList: volumes.split(' '),
    PrimaryPeer: peer === '' ? [] : [peer],
    VirtualIPAddr: [],
  });
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'A', Peers: ['A', 'B'] },
    FSGlobals: { VolumeGroupList: ['g', 'h', 'i'] },
    'VolumeGroup:g': group('photos', primary),
    'VolumeGroup:h': group('mail', 'B'),
    'VolumeGroup:i': group('idle', ''),
  });
}

/** A handler that has begun, and what ends it. */
interface Work {
  readonly pass: VolumePass;
  readonly finish: () => void;
}

let begun: (work: Work) => void;
let calls: string[] = [];

@Controller('volumes/:volume')
@UseVolume()
class FilesController {
  @Get('quick')
  quick(@Param('volume') volume: string): string {
    calls.push(volume);
    return volume;
  }

  @Get('slow')
  async slow(@UsedVolume() pass: VolumePass): Promise<string> {
    await new Promise<void>((finish) => begun({ pass, finish }));
    return 'done';
  }

  @Get('stream')
  stream(@UsedVolume() pass: VolumePass): StreamableFile {
    const content = new Readable({ read: () => {} });
    content.push('first');
    begun({ pass, finish: () => void content.push(null) });
    return new StreamableFile(content);
  }

  @Get('failing')
  failing(): never {
    throw new Error('no');
  }
}

@Controller()
class CarelessController {
  @Get('nameless')
  @UseVolume()
  nameless(): void {}

  @Get('unused/:volume')
  unused(@UsedVolume() pass: VolumePass): string {
    return pass.volumeName;
  }
}

let app: NestExpressApplication;
let gate: VolumeGate;
let port: number;

beforeEach(async () => {
  const source = staticConfSource(clusterOf('A'));
  const module = await Test.createTestingModule({
    imports: [TransitionsModule.forRoot({ source, reloadOnSighup: false })],
    controllers: [FilesController, CarelessController],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  app = module.createNestApplication<NestExpressApplication>({
    forceCloseConnections: true,
  });
  await app.listen(0, '127.0.0.1');
  port = (app.getHttpServer().address() as AddressInfo).port;
  gate = app.get(VolumeGate);
  calls = [];
});

afterEach(() => app.close());

async function get(path: string) {
  const request = send({ host: '127.0.0.1', port, path, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const body = await text(response);
  return { status: response.statusCode, headers: response.headers, body };
}

function nextWork(): Promise<Work> {
  return new Promise((resolve) => (begun = resolve));
}

/** Settles when nobody is inside any more; looks at each turn of the event loop. */
async function nobodyInside(): Promise<void> {
  while (gate.inside('photos') > 0) await setImmediate();
}

it('a request is inside while its handler runs, and not after', async () => {
  const work = nextWork();
  const answer = get('/volumes/photos/slow');
  const { finish, pass } = await work;
  expect(gate.inside('photos')).toBe(1);
  expect(pass.volumeName).toBe('photos');
  finish();
  expect((await answer).body).toBe('done');
  await nobodyInside();
});

it('a request is inside until the last byte of what its handler returned is out', async () => {
  const work = nextWork();
  const answer = get('/volumes/photos/stream');
  const { finish } = await work;
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(gate.inside('photos')).toBe(1);
  finish();
  expect((await answer).body).toBe('first');
  await nobodyInside();
});

it('a handler that goes on after its client went away is inside until it ends', async () => {
  const work = nextWork();
  const client = connect(port, '127.0.0.1');
  client.write('GET /volumes/photos/slow HTTP/1.1\r\nHost: x\r\n\r\n');
  const { finish } = await work;
  await connectionClosed(client);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(gate.inside('photos')).toBe(1);
  finish();
  await nobodyInside();
});

it('requests that are pipelined on a connection that ends do not stay inside', async () => {
  const work = nextWork();
  const client = connect(port, '127.0.0.1');
  const lines = ['slow', ...Array<string>(20).fill('quick')];
  client.write(
    lines
      .map((name) => `GET /volumes/photos/${name} HTTP/1.1\r\nHost: x\r\n\r\n`)
      .join(''),
  );
  const { finish } = await work;
  while (calls.length < 20) await setImmediate();
  expect(gate.inside('photos')).toBe(21);
  await connectionClosed(client);
  finish();
  await nobodyInside();
});

it('a request that failed is not inside any more', async () => {
  expect((await get('/volumes/photos/failing')).status).toBe(500);
  await nobodyInside();
});

it('a finished request on a connection that is kept alive is not inside', async () => {
  const client = connect(port, '127.0.0.1');
  client.write('GET /volumes/photos/quick HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(client, 'data');
  await nobodyInside();
  expect(client.destroyed).toBe(false);
  client.destroy();
});

it.each([
  ['none', 404, { error: 'unknown' }, undefined],
  ['mail', 421, { error: 'elsewhere', peer: 'B' }, undefined],
  ['idle', 503, { error: 'closed' }, '1'],
])(
  'a request to %s gets %i, and no handler is called',
  async (name, status, body, retryAfter) => {
    const answer = await get(`/volumes/${name}/quick`);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject(body);
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect(calls).toEqual([]);
  },
);

it('while a volume drains new requests get 503, and the reload waits for the old', async () => {
  const work = nextWork();
  const answer = get('/volumes/photos/slow');
  const { finish } = await work;
  const reload = app.get(TransitionsService).signaled(clusterOf('B'));
  while (gate.isOpen('photos')) await setImmediate();
  const refused = await get('/volumes/photos/quick');
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  finish();
  expect((await answer).status).toBe(200);
  expect((await reload).outcome).toBe('applied');
  expect((await get('/volumes/photos/quick')).status).toBe(421);
});

it('a route without the parameter, or a pass that nobody entered, is a mistake and no request', async () => {
  expect((await get('/nameless')).status).toBe(500);
  expect((await get('/unused/photos')).status).toBe(500);
});

/** Ends a connection; resolves when the server has noticed. */
async function connectionClosed(
  client: ReturnType<typeof connect>,
): Promise<void> {
  const server = app.getHttpServer();
  const count = async (): Promise<number> =>
    new Promise((resolve, reject) =>
      server.getConnections((error, number) =>
        error === null ? resolve(number) : reject(error),
      ),
    );
  client.destroy();
  while ((await count()) > 0) await setImmediate();
}
