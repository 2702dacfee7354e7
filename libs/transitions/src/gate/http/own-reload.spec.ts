import 'reflect-metadata';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Controller, Get, Injectable } from '@nestjs/common';
import { expect, it } from 'vitest';
import { ReloadService } from '../../reload/reload.service.js';
import { clusterOf } from '../../testing/cluster-conf.js';
import { startHttpApp } from '../../testing/http-app.js';
import { TransitionsService } from '../../transitions.service.js';
import type { VolumePass } from '../volume-entrance.js';
import { UsedVolume, UseVolume } from './use-volume.decorator.js';

@Injectable()
class Mover {
  constructor(private readonly transitions: TransitionsService) {}

  async move(): Promise<void> {
    await setImmediate();
    await this.transitions.signaled(clusterOf('photos@B'));
  }
}

@Controller(':volume')
@UseVolume()
class MoveController {
  constructor(
    private readonly mover: Mover,
    private readonly transitions: TransitionsService,
    private readonly reloads: ReloadService,
  ) {}

  @Get('direct')
  async direct(): Promise<void> {
    await this.transitions.signaled(clusterOf('photos@B'));
  }

  @Get('nested')
  async nested(): Promise<void> {
    await setImmediate();
    await this.mover.move();
  }

  @Get('unrelated')
  async unrelated(@UsedVolume() { signal }: VolumePass): Promise<void> {
    await this.reloads.reload();
    if (!signal.aborted) await once(signal, 'abort');
  }
}

const start = () =>
  startHttpApp(
    clusterOf('photos@A'),
    { controllers: [MoveController], providers: [Mover] },
    'express',
    { drainTimeout: 20, callbackTimeout: 400 },
  );

it.each(['direct', 'nested'])(
  'a handler that awaits a reload which moves its own volume is named: %s (F164)',
  async (path) => {
    const app = await start();
    await app.get(`/photos/${path}`);
    expect(app.logger.with('is taken away')).toEqual([
      expect.stringMatching(
        new RegExp(
          `1 inside had not left .*\\. MoveController\\.${path} is inside and has asked for this reload itself`,
        ),
      ),
    ]);
  },
);

it('one whose reload is over is not named (F164)', async () => {
  const app = await start();
  const answer = app.get('/photos/unrelated');
  while (app.gate.inside('photos') === 0) await setImmediate();
  while (app.transitions.snapshot().generation < 2) await setImmediate();
  await app.transitions.signaled(clusterOf('photos@B'));
  await answer;
  expect(app.logger.with('is taken away')).toEqual([
    expect.stringMatching(/ ms$/),
  ]);
});
