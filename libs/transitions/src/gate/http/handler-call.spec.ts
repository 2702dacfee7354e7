import 'reflect-metadata';
import { once } from 'node:events';
import { request as send } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import {
  Controller,
  Get,
  Param,
  RequestTimeoutException,
  StreamableFile,
  UseInterceptors,
  type CallHandler,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import {
  catchError,
  map,
  retry,
  throwError,
  timeout,
  type Observable,
} from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { clusterOf } from '../../testing/cluster-conf.js';
import { servers, startHttpApp, type HttpApp } from '../../testing/http-app.js';
import { deferred } from '../../testing/journal.js';
import type { VolumePass } from '../volume-entrance.js';
import { UsedVolume, UseVolume } from './use-volume.decorator.js';

class Impatient implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout(20),
      catchError(() => throwError(() => new RequestTimeoutException())),
    );
  }
}

class Stubborn implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(retry(2));
  }
}

class Replacing implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map(() => 'replaced'));
  }
}

let calls: string[] = [];
/** What lets the pipe go on, and what lets the handler. */
let pipe = deferred();
let work = deferred();
let pass: VolumePass | undefined;

class SlowPipe implements PipeTransform<unknown, Promise<unknown>> {
  async transform(value: unknown): Promise<unknown> {
    await pipe.promise;
    return value;
  }
}

async function working(given: VolumePass): Promise<string> {
  pass = given;
  calls.push('begins');
  await work.promise;
  calls.push('ends');
  return 'done';
}

/** A stream whose closing is work, too. */
class SlowlyClosed extends Readable {
  constructor(content?: string) {
    super();
    if (content !== undefined) this.push(content);
  }

  override _read(): void {}

  override _destroy(
    error: Error | null,
    callback: (error: Error | null) => void,
  ): void {
    const close = async (): Promise<void> => {
      await work.promise;
      calls.push('ends');
      callback(error);
    };
    void close();
  }
}

@Controller('impatient/:volume')
@UseInterceptors(Impatient)
@UseVolume()
class ImpatientController {
  @Get()
  work(@UsedVolume() given: VolumePass): Promise<string> {
    return working(given);
  }

  @Get('pipe')
  afterPipe(
    @Param('volume', SlowPipe) _volume: string,
    @UsedVolume() given: VolumePass,
  ): Promise<string> {
    return working(given);
  }
}

@Controller(':volume')
@UseVolume()
class WorkController {
  @Get('work')
  work(@UsedVolume() given: VolumePass): Promise<string> {
    return working(given);
  }

  @Get('impatient')
  @UseInterceptors(Impatient)
  impatient(@UsedVolume() given: VolumePass): Promise<string> {
    return working(given);
  }

  @Get('stubborn')
  @UseInterceptors(Stubborn)
  async stubborn(@UsedVolume() given: VolumePass): Promise<string> {
    if (calls.push('try') < 3) throw new Error('no');
    return working(given);
  }

  @Get('thenable')
  thenable(@UsedVolume() given: VolumePass): PromiseLike<string> {
    const then: PromiseLike<string>['then'] = (...args) => {
      calls.push('then');
      return working(given).then(...args);
    };
    // oxlint-disable-next-line unicorn/no-thenable -- that is the point
    return { then };
  }

  @Get('generator')
  async *generator(): AsyncGenerator<string> {
    try {
      yield 'first';
      await work.promise;
    } finally {
      calls.push('ends');
    }
  }

  @Get('readable')
  readable(): StreamableFile {
    return new StreamableFile(new SlowlyClosed('first'));
  }

  @Get('replaced')
  @UseInterceptors(Replacing)
  replaced(): Readable {
    return new SlowlyClosed();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

beforeEach(() => {
  calls = [];
  pass = undefined;
  pipe = deferred();
  work = deferred();
});

describe.each(servers)('with %s', (server) => {
  const start = (): Promise<HttpApp> =>
    startHttpApp(
      clusterOf('photos@A'),
      {
        controllers: [ImpatientController, WorkController],
      },
      server,
    );

  /** Sends a request, and goes away once `when` resolves. */
  async function leave(
    app: HttpApp,
    path: string,
    when: () => Promise<unknown>,
  ): Promise<void> {
    const request = send({ host: '127.0.0.1', port: app.port, path }).end();
    request.on('error', () => {});
    const response = once(request, 'response').catch(() => {});
    await when();
    request.destroy();
    await response;
    await app.noConnections();
    await turns();
  }

  const handlerBegins = async (): Promise<void> => {
    while (!calls.includes('begins')) await setImmediate();
  };

  it.each(['/photos/impatient', '/impatient/photos'])(
    'a handler that an interceptor no longer waits for is inside until it ends: %s (F140)',
    async (path) => {
      const app = await start();
      expect((await app.get(path)).status).toBe(408);
      await turns();
      expect([app.gate.inside('photos'), calls]).toEqual([1, ['begins']]);
      expect(pass?.signal.aborted).toBe(false);
      work.resolve();
      await app.nobodyInside('photos');
      expect(calls).toEqual(['begins', 'ends']);
    },
  );

  it('a handler whose request was answered before it could begin does not begin (F140)', async () => {
    const app = await start();
    expect((await app.get('/impatient/photos/pipe')).status).toBe(408);
    await app.nobodyInside('photos');
    pipe.resolve();
    await turns();
    expect([app.gate.inside('photos'), calls]).toEqual([0, []]);
  });

  it('a handler whose client goes away is told so, and is inside until it ends (F140)', async () => {
    const app = await start();
    await leave(app, '/photos/work', handlerBegins);
    expect(pass?.signal.reason).toMatchObject({
      code: 'TRANSITIONS_CLIENT_GONE',
    });
    expect([app.gate.inside('photos'), calls]).toEqual([1, ['begins']]);
    work.resolve();
    await app.nobodyInside('photos');
    expect(calls).toEqual(['begins', 'ends']);
  });

  it('each attempt of a handler that is tried again is inside (F140)', async () => {
    const app = await start();
    const answer = app.get('/photos/stubborn');
    await handlerBegins();
    expect(app.gate.inside('photos')).toBe(1);
    work.resolve();
    expect((await answer).body).toBe('done');
    await app.nobodyInside('photos');
    expect(calls).toEqual(['try', 'try', 'try', 'begins', 'ends']);
  });

  it('a handler that returns what only behaves like a promise is asked once, and inside until that settles (F140)', async () => {
    const app = await start();
    await leave(app, '/photos/thenable', handlerBegins);
    expect([app.gate.inside('photos'), calls]).toEqual([1, ['then', 'begins']]);
    work.resolve();
    await app.nobodyInside('photos');
  });

  it.each(['generator', 'readable'])(
    'a %s whose client goes away is inside until it has ended (F140)',
    async (kind) => {
      const app = await start();
      await leave(app, `/photos/${kind}`, async () => {
        while (app.gate.inside('photos') === 0) await setImmediate();
        await turns();
      });
      expect([app.gate.inside('photos'), calls]).toEqual([1, []]);
      work.resolve();
      await app.nobodyInside('photos');
      expect(calls).toEqual(['ends']);
    },
  );

  it('a stream that an interceptor replaces is inside until it has ended (F140)', async () => {
    const app = await start();
    expect((await app.get('/photos/replaced')).body).toBe('replaced');
    await turns();
    expect(app.gate.inside('photos')).toBe(1);
    work.resolve();
    await app.nobodyInside('photos');
  });
});
