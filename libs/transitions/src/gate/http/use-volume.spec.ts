import 'reflect-metadata';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Controller, Get, Param, Req, StreamableFile } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { clusterOf } from '../../testing/cluster-conf.js';
import { servers, startHttpApp, type HttpApp } from '../../testing/http-app.js';
import type { VolumePass } from '../volume-entrance.js';
import { UsedVolume, UseVolume } from './use-volume.decorator.js';

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

  @Get('arguments/:last')
  arguments(
    @Param('last') last: string,
    @Req() request: { readonly params: Record<string, string> },
    ...rest: unknown[]
  ): string {
    return [last, request.params['volume'], this.constructor.name, rest].join();
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

@Controller('w')
class WildcardOfExpress {
  @Get('*volume')
  @UseVolume()
  all(@UsedVolume() { volumeName }: VolumePass): string {
    return volumeName;
  }
}

@Controller('w')
class WildcardOfFastify {
  @Get('*')
  @UseVolume('*')
  all(@UsedVolume() { volumeName }: VolumePass): string {
    return volumeName;
  }
}

function nextWork(): Promise<Work> {
  return new Promise((resolve) => (begun = resolve));
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

beforeEach(() => {
  calls = [];
});

describe.each(servers)('with %s', (server) => {
  const start = (): Promise<HttpApp> =>
    startHttpApp(
      clusterOf('photos,a/b@A', 'mail@B', 'idle@'),
      {
        controllers: [
          FilesController,
          CarelessController,
          server === 'express' ? WildcardOfExpress : WildcardOfFastify,
        ],
      },
      server,
    );

  it('a request is inside while its handler runs, and not after', async () => {
    const app = await start();
    const work = nextWork();
    const answer = app.get('/volumes/photos/slow');
    const { finish, pass } = await work;
    expect(app.gate.inside('photos')).toBe(1);
    expect(pass.volumeName).toBe('photos');
    finish();
    expect((await answer).body).toBe('done');
    await app.nobodyInside('photos');
    expect(pass.signal.aborted).toBe(false);
  });

  it('a request is inside until the last byte of what its handler returned is out', async () => {
    const app = await start();
    const work = nextWork();
    const answer = app.get('/volumes/photos/stream');
    const { finish } = await work;
    await turns();
    expect(app.gate.inside('photos')).toBe(1);
    finish();
    expect((await answer).body).toBe('first');
    await app.nobodyInside('photos');
  });

  it('requests that are pipelined on a connection that ends do not stay inside', async () => {
    const app = await start();
    const work = nextWork();
    const client = connect(app.port, '127.0.0.1');
    const lines = ['slow', ...Array<string>(20).fill('quick')];
    const requestOf = (name: string) =>
      `GET /volumes/photos/${name} HTTP/1.1\r\nHost: x\r\n\r\n`;
    client.write(lines.map(requestOf).join(''));
    const { finish } = await work;
    while (calls.length < 20) await setImmediate();
    expect(app.gate.inside('photos')).toBe(21);
    client.destroy();
    await app.noConnections();
    finish();
    await app.nobodyInside('photos');
  });

  it('a request that failed is not inside any more', async () => {
    const app = await start();
    expect((await app.get('/volumes/photos/failing')).status).toBe(500);
    await app.nobodyInside('photos');
  });

  it('a finished request on a connection that is kept alive is not inside', async () => {
    const app = await start();
    const client = connect(app.port, '127.0.0.1');
    client.write('GET /volumes/photos/quick HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(client, 'data');
    await app.nobodyInside('photos');
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
      const app = await start();
      const answer = await app.get(`/volumes/${name}/quick`);
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body)).toMatchObject(body);
      expect(answer.headers['retry-after']).toBe(retryAfter);
      expect(calls).toEqual([]);
    },
  );

  it('while a volume drains new requests get 503, and the reload waits for the old', async () => {
    const app = await start();
    const work = nextWork();
    const answer = app.get('/volumes/photos/slow');
    const { finish } = await work;
    const reload = app.transitions.signaled(clusterOf('photos@B'));
    while (app.gate.isOpen('photos')) await setImmediate();
    const refused = await app.get('/volumes/photos/quick');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    finish();
    expect((await answer).status).toBe(200);
    expect((await reload).outcome).toBe('applied');
    expect((await app.get('/volumes/photos/quick')).status).toBe(421);
  });

  it('a handler gets the arguments and the this that it would get without', async () => {
    const app = await start();
    const { body } = await app.get('/volumes/photos/arguments/x');
    expect(body).toBe('x,photos,FilesController,');
  });

  it('a route without the parameter, or a pass that nobody entered, is a mistake and no request', async () => {
    const app = await start();
    expect((await app.get('/nameless')).status).toBe(500);
    expect((await app.get('/unused/photos')).status).toBe(500);
    expect(app.logger.with('error').toSorted()).toEqual([
      expect.stringContaining(
        '@UsedVolume() of CarelessController.unused found no pass',
      ),
      expect.stringContaining(
        'the route of CarelessController.nameless has no parameter volume; expected :volume in its path',
      ),
    ]);
  });

  it('the segments of a wildcard are one name (F169)', async () => {
    const app = await start();
    const answers = [
      await app.get('/w/photos'),
      await app.get('/w/a/b'),
      await app.get('/w/a/c'),
    ];
    expect(answers.map(({ body }) => body)).toEqual([
      'photos',
      'a/b',
      expect.stringContaining('Volume a/c is not known'),
    ]);
  });
});
