import 'reflect-metadata';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Controller, Get, Param } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TransitionCallbacks } from '../../core/model/callbacks.js';
import { clusterOf } from '../../testing/cluster-conf.js';
import { makeHttpApp, servers, type HttpApp } from '../../testing/http-app.js';
import { deferred } from '../../testing/journal.js';
import type { VolumePass } from '../volume-entrance.js';
import { UsedVolume, UseVolume } from './use-volume.decorator.js';

let calls: string[] = [];
beforeEach(() => void (calls = []));

@Controller()
class FilesController {
  @Get('patient/:volume')
  @UseVolume('volume', { wait: 60_000 })
  patient(@UsedVolume() pass: VolumePass): string {
    calls.push(pass.volumeName);
    return `${pass.volumeName}, aborted ${pass.signal.aborted}`;
  }

  @Get('brief/:volume')
  @UseVolume('volume', { wait: 30 })
  brief(@Param('volume') volume: string): string {
    calls.push(volume);
    return volume;
  }

  @Get('at-once/:volume')
  @UseVolume()
  atOnce(@Param('volume') volume: string): string {
    return volume;
  }

  @Get('both/:from/:to')
  @UseVolume('from', { wait: 60_000 })
  @UseVolume('to', { wait: 60_000 })
  both(@UsedVolume('from') from: VolumePass, @UsedVolume() to: VolumePass) {
    return `${from.volumeName} to ${to.volumeName}`;
  }
}

/** An application in which a reload brings `photos` and `music`, once it is let go on. */
async function moving(
  server: (typeof servers)[number],
): Promise<{ app: HttpApp; goOn: () => void; reload: Promise<unknown> }> {
  const { promise, resolve } = deferred();
  const app = await makeHttpApp(
    clusterOf('photos,music@B', 'mail@B'),
    { controllers: [FilesController] },
    server,
  );
  const callbacks: TransitionCallbacks = { volumeGroupMoved: () => promise };
  app.transitions.register('Part', callbacks);
  await app.app.listen(0, '127.0.0.1');
  const reload = app.transitions
    .signaled(clusterOf('photos,music@A', 'mail@B'))
    .catch(() => {});
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  return { app, goOn: resolve, reload };
}

/** Resolves when so many requests wait. */
async function untilWaiting({ gate }: HttpApp, count: number): Promise<void> {
  while (gate.waitingRequests !== count) await setImmediate();
}

describe.each(servers)('@UseVolume with wait (%s)', (server) => {
  it('a request waits for a volume that is on its way here, and is handled as if it had been here (F181)', async () => {
    const { app, goOn, reload } = await moving(server);
    const answer = app.get('/patient/photos');
    await untilWaiting(app, 1);
    expect(calls).toEqual([]);
    goOn();
    const { status, body } = await answer;
    expect([status, body]).toEqual([200, 'photos, aborted false']);
    await reload;
    await app.nobodyInside('photos');
  });

  it('a request is refused when its time is up, with Retry-After, and at once where nothing is to wait for (F181)', async () => {
    const { app, goOn, reload } = await moving(server);
    const answers = await Promise.all(
      [
        '/brief/photos',
        '/at-once/photos',
        '/patient/mail',
        '/patient/none',
      ].map((path) => app.get(path)),
    );
    expect(
      answers.map(
        ({ status, headers }) => `${status} ${headers['retry-after']}`,
      ),
    ).toEqual(['503 1', '503 1', '421 undefined', '404 undefined']);
    expect(calls).toEqual([]);
    goOn();
    await reload;
  });

  it('a request waits for each of its volumes, and is in both then (F181)', async () => {
    const { app, goOn, reload } = await moving(server);
    const answer = app.get('/both/photos/music');
    await untilWaiting(app, 1);
    goOn();
    expect((await answer).body).toBe('photos to music');
    await reload;
    await Promise.all([app.nobodyInside('photos'), app.nobodyInside('music')]);
  });

  it('a request leaves the queue when its client goes away, and its handler is not called (F181)', async () => {
    const { app, goOn, reload } = await moving(server);
    const socket = connect(app.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /patient/photos HTTP/1.1\r\nHost: test\r\n\r\n');
    await untilWaiting(app, 1);
    socket.destroy();
    await untilWaiting(app, 0);
    goOn();
    await reload;
    await app.noConnections();
    expect([calls, app.gate.inside('photos')]).toEqual([[], 0]);
  });

  it('a Down answers all who wait, at once (F181)', async () => {
    const { app, goOn } = await moving(server);
    const answers = [1, 2].map(() => app.get('/patient/photos'));
    await untilWaiting(app, 2);
    const down = app.transitions.down();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual([503, 503]);
    goOn();
    await down;
  });
});

it('a time to wait that is none is refused by name (F181)', () => {
  for (const wait of [-1, Infinity, NaN, '2s' as unknown as number]) {
    expect(() => UseVolume('volume', { wait })).toThrow(
      `@UseVolume: wait of volume is ${wait}; expected a finite number of milliseconds`,
    );
  }
});
