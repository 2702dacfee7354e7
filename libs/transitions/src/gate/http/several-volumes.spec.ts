import 'reflect-metadata';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import {
  Controller,
  Get,
  type CallHandler,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { retry, type Observable } from 'rxjs';
import { beforeEach, expect, it, vi } from 'vitest';
import { clusterOf } from '../../testing/cluster-conf.js';
import { startHttpApp, type HttpApp } from '../../testing/http-app.js';
import { deferred } from '../../testing/journal.js';
import type { VolumePass } from '../volume-entrance.js';
import { UsedVolume, UseVolume } from './use-volume.decorator.js';

let journal: string[] = [];
let work = deferred();

class Files {
  @Get('copy/:to')
  @UseVolume('to')
  async copy(
    @UsedVolume() last: VolumePass,
    @UsedVolume('volume') from: VolumePass,
    @UsedVolume('to') to: VolumePass,
  ): Promise<string> {
    journal.push(`copies ${from.volumeName} to ${to.volumeName}`);
    // What happens to the other it hears by this one.
    await Promise.race([work.promise, aborted(from)]);
    return `${last === to}`;
  }
}

@Controller('volumes/:volume')
@UseVolume()
class FilesController extends Files {
  @Get()
  read(@UsedVolume() { volumeName }: VolumePass): string {
    return volumeName;
  }

  @Get('again')
  async again(): Promise<string> {
    const isFirst = !journal.includes('tries');
    journal.push('tries');
    await work.promise;
    if (isFirst) throw new Error('no');
    return 'done';
  }
}

class Stubborn implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(retry(1));
  }
}

@Controller('inherited/:volume')
class InheritingController extends FilesController {}

@Controller('swap')
class SwapController {
  @Get(':a/:b')
  @UseVolume('a')
  @UseVolume('b')
  swap(@UsedVolume('a') a: VolumePass, @UsedVolume('b') b: VolumePass): string {
    return `${a.volumeName} ${b.volumeName}`;
  }
}

async function aborted({ signal }: VolumePass): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** An application whose gate keeps a journal. */
async function start(
  interceptors: (new () => NestInterceptor)[] = [],
): Promise<HttpApp> {
  const app = await startHttpApp(
    clusterOf('photos,music@A', 'mail@B'),
    {
      controllers: [FilesController, InheritingController, SwapController],
      providers: interceptors.map((useClass) => ({
        provide: APP_INTERCEPTOR,
        useClass,
      })),
    },
    'express',
    { drainTimeout: 50 },
  );
  const enter = app.gate.enter.bind(app.gate);
  vi.spyOn(app.gate, 'enter').mockImplementation((name, options) => {
    const pass = enter(name, options);
    const leave = pass[Symbol.dispose].bind(pass);
    journal.push(`enters ${name}`);
    pass[Symbol.dispose] = () => {
      journal.push(`leaves ${name}`);
      leave();
    };
    return pass;
  });
  return app;
}

beforeEach(() => {
  journal = [];
  work = deferred();
});

it.each(['volumes', 'inherited'])(
  'a request enters the volumes of the controller and of the handler, and leaves them in reverse: %s (F142)',
  async (controller) => {
    const app = await start();
    work.resolve();
    const { body } = await app.get(`/${controller}/photos/copy/music`);
    await app.nobodyInside('photos');
    expect(body).toBe('true');
    expect(journal).toEqual([
      'enters photos',
      'enters music',
      'copies photos to music',
      'leaves music',
      'leaves photos',
    ]);
  },
);

it('two decorators on one handler are entered from top to bottom (F142)', async () => {
  const app = await start();
  expect((await app.get('/swap/photos/music')).body).toBe('photos music');
  await app.nobodyInside('photos');
  expect(journal).toEqual([
    'enters photos',
    'enters music',
    'leaves music',
    'leaves photos',
  ]);
});

it('a volume that both parameters name is entered once (F142)', async () => {
  const app = await start();
  work.resolve();
  await app.get('/volumes/photos/copy/photos');
  await app.nobodyInside('photos');
  expect(journal).toEqual([
    'enters photos',
    'copies photos to photos',
    'leaves photos',
  ]);
});

it('who is refused at the second volume leaves the first (F142)', async () => {
  const app = await start();
  expect((await app.get('/volumes/photos/copy/mail')).status).toBe(421);
  await app.nobodyInside('photos');
  expect(journal).toEqual(['enters photos', 'leaves photos']);
});

it('when one of its volumes does not wait any longer the request hears it by each of its passes (F142)', async () => {
  const app = await start();
  const answer = app.get('/volumes/photos/copy/music');
  while (journal.length < 3) await setImmediate();
  const reload = app.transitions.signaled(
    clusterOf('photos@A', 'mail@B', 'music@B'),
  );
  expect((await answer).status).toBe(200);
  expect((await reload).outcome).toBe('applied');
});

it('a request whose volume drains meanwhile enters it again when it is tried again (F145)', async () => {
  const app = await start([Stubborn]);
  const answer = app.get('/volumes/photos/again');
  while (journal.length < 2) await setImmediate();
  const reload = app.transitions.signaled(clusterOf('photos@B'));
  while (app.gate.isOpen('photos')) await setImmediate();
  work.resolve();
  expect((await answer).body).toBe('done');
  await reload;
  expect(journal).toEqual(['enters photos', 'tries', 'tries', 'leaves photos']);
});
