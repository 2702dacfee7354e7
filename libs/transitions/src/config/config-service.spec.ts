import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { describe, expect, it } from 'vitest';
import { ReloadService } from '../reload/reload.service.js';
import {
  sampleConf,
  sampleSections,
  sampleText,
} from '../testing/sample-conf.js';
import { compileApp, startApp } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import { configServiceConfSource } from './config-service.conf-source.js';

const config = (cache = false) =>
  ConfigModule.forRoot({
    ignoreEnvFile: true,
    cache,
    load: [() => ({ cluster: sampleSections({ g: ['v'] }) })],
  });

/** ConfigService.set takes more than its types say. */
interface AnyPath {
  set(path: unknown, value: unknown): void;
}

function served(app: INestApplicationContext): readonly string[] {
  return app.get(TransitionsService).snapshot().participants[0]!.served;
}

describe('the configuration in force', () => {
  it.each([false, true])(
    'is readable through ConfigService, by path and as a whole (cache: %s)',
    async (cache) => {
      const app = await startApp({ imports: [config(cache)] });
      const service = app.get(ConfigService);
      expect(service.get('confMap.Cluster.WhoAmI')).toEqual(['A']);
      expect(service.get('confMap.VolumeGroup:g.VolumeList')).toEqual(['v']);
      expect(service.get('confMap.Cluster.Nothing')).toBeUndefined();
      expect(service.get('confMap.Nothing.WhoAmI')).toBeUndefined();
      const whole = service.get<Record<string, unknown>>('confMap')!;
      expect(Object.keys(whole)).toEqual([
        'Cluster',
        'FSGlobals',
        'VolumeGroup:g',
      ]);
      expect(JSON.parse(JSON.stringify(whole))).toEqual(
        sampleConf().toObject(),
      );
    },
  );

  it('cannot be changed by those who read it', async () => {
    const app = await startApp({ imports: [config()] });
    const whole = app
      .get(ConfigService)
      .get<Record<string, Record<string, string[]>>>('confMap')!;
    expect(() => {
      whole['Cluster'] = {};
    }).toThrow(TypeError);
    expect(() => {
      whole['Cluster']!['WhoAmI'] = ['B'];
    }).toThrow(TypeError);
    expect(() => whole['Cluster']!['WhoAmI']!.push('B')).toThrow(TypeError);
  });

  it('is announced by changes$ after each transition that brought one into force, and no other', async () => {
    const app = await compileApp({ imports: [config()] });
    const service = app.get(ConfigService);
    const announced: unknown[] = [];
    service.changes$.subscribe(({ path }) => {
      if (path === 'confMap') {
        announced.push(service.get('confMap.VolumeGroup:g.VolumeList'));
      }
    });
    await app.init();
    const transitions = app.get(TransitionsService);
    await transitions.signaled(sampleConf({ g: ['v', 'w'] }));
    await expect(
      transitions.signaled(
        sampleConf({ g: ['v'] }, { Cluster: { Peers: 'A' } }),
      ),
    ).rejects.toThrow('WhoAmI');
    await transitions.signaled(sampleConf({ g: ['w'] }));
    await app.close();
    expect(announced).toEqual([['v'], ['v', 'w'], ['w']]);
  });
});

describe('configServiceConfSource', () => {
  it.each([
    ['an object', sampleSections({ g: ['new'] })],
    ['.conf text', sampleText({ g: ['new'] })],
    ['a ConfMap', sampleConf({ g: ['new'] })],
  ])('takes %s, and reloads when the key is set', async (_what, value) => {
    const app = await startApp(
      { imports: [config()] },
      { source: configServiceConfSource('cluster') },
    );
    expect(served(app)).toEqual(['v']);
    app.get(ConfigService).set('cluster', value);
    await expect.poll(() => served(app)).toEqual(['new']);
  });

  it('reloads when something below the key is set, and not when something else is', async () => {
    const app = await startApp(
      { imports: [config()] },
      { source: configServiceConfSource('cluster') },
    );
    const service = app.get(ConfigService);
    service.set('clusters', 'of no concern');
    service.set('cluster.VolumeGroup:g.VolumeList', ['w']);
    await expect.poll(() => served(app)).toEqual(['w']);
    expect(app.get(TransitionsService).snapshot().generation).toBe(2);
  });

  const nested = () =>
    ConfigModule.forRoot({
      ignoreEnvFile: true,
      load: [
        () => ({ app: { cluster: sampleSections({ g: ['v'] }), port: 1 } }),
      ],
    });

  it.each([
    ['something above the key', 'app', (cluster: object) => ({ cluster })],
    ['the key as a list of names', ['app', 'cluster'], (to: object) => to],
    ['the key in brackets', 'app[cluster]', (to: object) => to],
    [
      'something below it in brackets',
      'app["cluster"]["VolumeGroup:g"].VolumeList',
      () => ['w'],
    ],
  ])(
    'reloads when %s is set to what makes a difference (F114)',
    async (_what, path, valueOf) => {
      const app = await startApp(
        { imports: [nested()] },
        { source: configServiceConfSource('app.cluster') },
      );
      const service = app.get<AnyPath>(ConfigService);
      service.set(path, valueOf(sampleSections({ g: ['w'] })));
      await expect.poll(() => served(app)).toEqual(['w']);
    },
  );

  it('reloads for each ConfMap that is set above the key (F114)', async () => {
    const app = await startApp(
      { imports: [nested()] },
      { source: configServiceConfSource('app.cluster') },
    );
    for (const volumes of [['w'], ['x']]) {
      app
        .get(ConfigService)
        .set('app', { cluster: sampleConf({ g: volumes }) });
      await expect.poll(() => served(app)).toEqual(volumes);
    }
  });

  it('does not reload when what is set above the key leaves it as it is (F114)', async () => {
    const app = await startApp(
      { imports: [nested()] },
      { source: configServiceConfSource('app.cluster') },
    );
    const service = app.get(ConfigService);
    service.set('app', { cluster: sampleSections({ g: ['v'] }), port: 2 });
    service.set('app.port', 3);
    expect((await app.get(ReloadService).reload('last')).id).toBe(2);
  });

  it.each([[17], [undefined], [Symbol('odd')]])(
    'goes on watching after something odd was set: %s (F114)',
    async (odd) => {
      const app = await startApp(
        { imports: [nested()] },
        { source: configServiceConfSource('app.cluster') },
      );
      const service = app.get<AnyPath>(ConfigService);
      service.set(odd, 'whatever');
      service.set('app.cluster', sampleSections({ g: ['w'] }));
      await expect.poll(() => served(app)).toEqual(['w']);
    },
  );

  it('rejects a key that has no configuration, and keeps the one in force', async () => {
    const app = await startApp(
      { imports: [config()] },
      { source: configServiceConfSource('cluster') },
    );
    app.get(ConfigService).set('cluster', 17);
    const { outcome, errors } = await app.get(ReloadService).reload();
    expect(outcome).toBe('rejected');
    expect(errors[0]?.message).toBe(
      'configuration key cluster has no configuration; expected an object of sections, .conf text or a ConfMap',
    );
    expect(served(app)).toEqual(['v']);
  });

  it('says what is missing where the application has no ConfigService', async () => {
    const app = await compileApp(
      {},
      { source: configServiceConfSource('cluster') },
    );
    await expect(app.init()).rejects.toThrow('needs ConfigModule.forRoot()');
  });
});
