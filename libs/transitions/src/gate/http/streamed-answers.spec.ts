import 'reflect-metadata';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { Controller, Get, Res, Sse, StreamableFile } from '@nestjs/common';
import { NEVER, of, startWith, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clusterOf } from '../../testing/cluster-conf.js';
import { servers, startHttpApp, type HttpApp } from '../../testing/http-app.js';
import type { VolumePass } from '../volume-entrance.js';
import { UsedVolume, UseVolume } from './use-volume.decorator.js';

/** Streams that do not end by themselves. */
@Controller(':volume')
@UseVolume()
class StreamController {
  @Sse('events')
  events(): Observable<{ data: string }> {
    return NEVER.pipe(startWith({ data: 'first' }));
  }

  @Sse('late-events')
  async lateEvents(): Promise<Observable<{ data: string }>> {
    await setImmediate();
    return this.events();
  }

  @Get('file')
  file(): StreamableFile {
    const content = new Readable({ read: () => {} });
    content.push('first');
    return new StreamableFile(content);
  }

  @Get('emitted-file')
  emittedFile(): Observable<StreamableFile> {
    return of(this.file());
  }

  @Get('generator')
  async *generator(@UsedVolume() given: VolumePass): AsyncGenerator<string> {
    yield 'first';
    await aborted(given);
    yield 'and more';
  }

  @Get('web')
  web(): ReadableStream {
    return new ReadableStream({
      start: (controller) => controller.enqueue('first'),
    });
  }

  @Get('response')
  response(): Response {
    return new Response(this.web().pipeThrough(new TextEncoderStream()));
  }

  @Get('by-hand')
  byHand(@Res() reply: ServerResponse | { raw: ServerResponse }): void {
    const response = 'raw' in reply ? reply.raw : reply;
    response.write('first');
  }
}

/** What has not sent anything yet. */
@Controller('silent/:volume')
@UseVolume()
class SilentController {
  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(new Readable({ read: () => {} }));
  }

  @Get('late-file')
  async lateFile(@UsedVolume() given: VolumePass): Promise<StreamableFile> {
    await aborted(given);
    return this.file();
  }

  @Get('late-web')
  async lateWeb(@UsedVolume() given: VolumePass): Promise<ReadableStream> {
    await aborted(given);
    return new ReadableStream({ cancel: () => {} });
  }

  @Get('generator')
  async *generator(@UsedVolume() given: VolumePass): AsyncGenerator<string> {
    await aborted(given);
    yield 'too late';
  }

  @Get('observable')
  observable(): Observable<string> {
    return NEVER;
  }

  @Get('heeding')
  async heeding(@UsedVolume() given: VolumePass): Promise<void> {
    await aborted(given);
    given.signal.throwIfAborted();
  }
}

async function aborted({ signal }: VolumePass): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** What comes of a response, and when the first event or piece of it is there. */
function reading(response: IncomingMessage) {
  const first = new Promise<void>((resolve) => {
    let received = '';
    response.on('data', (piece: Buffer) => {
      received += piece.toString();
      if (received.includes('first')) resolve();
    });
  });
  return { first, all: text(response) };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

describe.each(servers)('with %s', (server) => {
  const start = (): Promise<HttpApp> =>
    startHttpApp(
      clusterOf('photos@A'),
      { controllers: [SilentController, StreamController] },
      server,
      { drainTimeout: 50 },
    );

  it.each(['events', 'late-events'])(
    '%s end properly when the volume does not wait any longer (F144)',
    async (path) => {
      const app = await start();
      const response = await app.open(`/photos/${path}`);
      const { first, all } = reading(response);
      await first;
      const reload = app.transitions.signaled(clusterOf('photos@B'));
      expect(await all).toContain('data: first\n\n');
      expect(response.complete).toBe(true);
      expect((await reload).outcome).toBe('applied');
      expect((await app.open(`/photos/${path}`)).statusCode).toBe(421);
    },
  );

  it.each(['file', 'emitted-file', 'generator', 'web', 'response', 'by-hand'])(
    'a response of kind %s breaks off when the volume does not wait any longer (F144)',
    async (kind) => {
      const app = await start();
      const response = await app.open(`/photos/${kind}`);
      const { first, all } = reading(response);
      await first;
      const reload = app.transitions.signaled(clusterOf('photos@B'));
      await expect(all).rejects.toThrow('aborted');
      expect((await reload).outcome).toBe('applied');
      expect(app.gate.inside('photos')).toBe(0);
    },
  );

  it.each(['late-file', 'late-web', 'generator', 'observable', 'heeding'])(
    'a response of kind %s that has not begun is a 503 when the volume does not wait any longer (F144)',
    async (kind) => {
      const app = await start();
      const answer = app.get(`/silent/photos/${kind}`);
      while (app.gate.inside('photos') === 0) await setImmediate();
      const reload = app.transitions.signaled(clusterOf('photos@B'));
      const { status, headers, body } = await answer;
      expect([status, headers['retry-after']]).toEqual([503, '1']);
      expect(JSON.parse(body)).toMatchObject({ error: 'draining' });
      expect((await reload).outcome).toBe('applied');
      expect(app.gate.inside('photos')).toBe(0);
    },
  );

  it('a file of which nothing is there to send breaks off as well (F144)', async () => {
    const app = await start();
    const answer = app.get('/silent/photos/file');
    answer.catch(() => {});
    while (app.gate.inside('photos') === 0) await setImmediate();
    await turns();
    await app.transitions.signaled(clusterOf('photos@B'));
    await expect(answer).rejects.toThrow('hang up');
  });
});
