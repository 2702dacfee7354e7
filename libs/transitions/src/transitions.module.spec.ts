import 'reflect-metadata';
import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import { transitionsConfig } from './config/index.js';
import { warnOfCopies } from './checks/copies.js';
import { TransitionsOptionsError } from './checks/transitions-options-error.js';
import { ReloadService } from './reload/reload.service.js';
import { staticConfSource } from './sources/static.conf-source.js';
import { sampleConf, sampleText } from './testing/sample-conf.js';
import { RecordingLogger } from './testing/started-app.js';
import {
  TRANSITIONS_OPTIONS,
  type TransitionsModuleAsyncOptions,
  type TransitionsOptionsFactory,
} from './options/transitions.module-definition.js';
import { TransitionsModule } from './transitions.module.js';
import type { TransitionsModuleOptions } from './options/transitions.options.js';
import { TransitionsService } from './transitions.service.js';

const source = staticConfSource(sampleConf());
let folder: string;
let confFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transitions-module-'));
  confFile = join(folder, 'service.conf');
  writeFileSync(confFile, sampleText({ g: ['from-file'] }));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function boot(
  ...imports: (DynamicModule | Type | Promise<DynamicModule>)[]
): Promise<INestApplicationContext> {
  const app = await Test.createTestingModule({ imports })
    .setLogger(new RecordingLogger())
    .compile();
  onTestFinished(() => app.close());
  return app.init();
}

function volumesOf(app: INestApplicationContext): readonly string[] {
  return app.get(TransitionsService).snapshot().participants[0]!.volumes;
}

describe('forRootAsync', () => {
  it('takes the options from a factory, which may inject', async () => {
    @Module({
      providers: [{ provide: 'source', useValue: source }],
      exports: ['source'],
    })
    class SourceModule {}
    const app = await boot(
      TransitionsModule.forRootAsync({
        imports: [SourceModule],
        inject: ['source'],
        useFactory: async (injected: typeof source) => ({ source: injected }),
      }),
    );
    expect(volumesOf(app)).toEqual(['v']);
  });

  @Injectable()
  class Options implements TransitionsOptionsFactory {
    createTransitionsOptions(): TransitionsModuleOptions {
      return { source };
    }
  }

  it('takes the options from a class, or from an instance that is there', async () => {
    const byClass = TransitionsModule.forRootAsync({ useClass: Options });
    expect(volumesOf(await boot(byClass))).toEqual(['v']);

    @Module({ providers: [Options], exports: [Options] })
    class OptionsModule {}
    const byInstance = TransitionsModule.forRootAsync({
      imports: [OptionsModule],
      useExisting: Options,
    });
    expect(volumesOf(await boot(byInstance))).toEqual(['v']);
  });
});

describe('options that are given wrongly', () => {
  it('by a factory that returns none are refused by name (F127)', async () => {
    for (const nothing of [undefined, null, 'text']) {
      await expect(
        boot(
          TransitionsModule.forRootAsync({
            useFactory: () => nothing as TransitionsModuleOptions,
          }),
        ),
      ).rejects.toThrow(
        `TransitionsModule: the options are ${String(nothing)}; expected an object, of forRoot or of what forRootAsync calls`,
      );
    }
  });

  it.each([
    [undefined, 'it is given undefined; expected an object'],
    [{}, 'expected useFactory, useClass or useExisting'],
    [
      { usefactory: () => ({ source }) },
      'there is no option usefactory; did you mean useFactory?; expected useFactory, useClass or useExisting',
    ],
  ])('to forRootAsync are refused by name: %o (F127)', (given, problem) => {
    expect(() => TransitionsModule.forRootAsync(given as never)).toThrow(
      `TransitionsModule.forRootAsync: ${problem}`,
    );
  });

  it('as the bare class beside forRoot are refused by name (F127)', async () => {
    @Module({ imports: [TransitionsModule] })
    class Feature {}
    await expect(
      boot(TransitionsModule.forRoot({ source }), Feature),
    ).rejects.toThrow(
      'it is imported with options and, as the bare class, without; import it once, in the root module',
    );
  });
});

describe('the options', () => {
  it('can be injected as they were given, and have types of a name (F130)', async () => {
    @Injectable()
    class Curious {
      constructor(
        @Inject(TRANSITIONS_OPTIONS) readonly options: TransitionsModuleOptions,
      ) {}
    }
    @Module({ providers: [Curious] })
    class Feature {}
    const given: TransitionsModuleAsyncOptions = {
      useFactory: () => ({ source, lameduck: 5 }),
    };
    const app = await boot(TransitionsModule.forRootAsync(given), Feature);
    expect(app.get(Curious).options).toEqual({ source, lameduck: 5 });
  });
});

describe('two loaded copies of the library', () => {
  it('are named, where they would only be strange to each other (F172)', async () => {
    const warnings: string[] = [];
    const copies = Symbol.for('nestjs-transitions:copies');
    const loaded = (globalThis as unknown as Record<symbol, Set<string>>)[
      copies
    ]!;
    warnOfCopies((message) => warnings.push(message));
    loaded.add('file:///elsewhere/module.js');
    onTestFinished(() => void loaded.delete('file:///elsewhere/module.js'));
    warnOfCopies((message) => warnings.push(message));
    warnOfCopies((message) => warnings.push(message));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^2 copies of nestjs-transitions are loaded: .*copies\.ts, file:\/\/\/elsewhere\/module\.js\..*npm ls nestjs-transitions/,
      ),
    ]);
  });
});

describe('the module', () => {
  it('is refused when it is imported twice', async () => {
    await expect(
      boot(
        TransitionsModule.forRoot({ source }),
        TransitionsModule.forRoot({ source, callbackTimeout: 1 }),
      ),
    ).rejects.toThrow(/imported 2 times.*import it once, in the root module/);
  });

  it('gives its services to every module', async () => {
    @Injectable()
    class Deep {
      constructor(
        @Inject(TransitionsService) readonly transitions: TransitionsService,
        @Inject(ReloadService) readonly reloads: ReloadService,
      ) {}
    }
    @Module({ providers: [Deep] })
    class DeepModule {}
    const app = await boot(DeepModule, TransitionsModule.forRoot({ source }));
    expect(app.get(Deep).transitions).toBe(app.get(TransitionsService));
  });

  it('refuses options that make no sense, all of them at once, before anybody is called', async () => {
    const options = {
      callbackTimeout: -1,
      shutdownTimeout: NaN,
      maxUnserve: '3',
      onFailure: 'panic',
      reloadOnSighup: 'yes',
      lameduck: -5,
      callbackTimeuot: 1,
    };
    const failure: unknown = await boot(
      TransitionsModule.forRoot(options as unknown as TransitionsModuleOptions),
    ).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(TransitionsOptionsError);
    expect((failure as TransitionsOptionsError).problems).toEqual([
      'there is no option callbackTimeuot; did you mean callbackTimeout?',
      'no source of configurations; give `source`, or set TRANSITIONS_CONF_FILE',
      'callbackTimeout is -1; expected milliseconds above 0',
      'shutdownTimeout is NaN; expected milliseconds above 0',
      "onFailure is panic; expected 'rollback' or 'isolate'",
      'maxUnserve is 3; expected a number of volumes',
      'lameduck is -5; expected a finite number of milliseconds',
      'reloadOnSighup is yes; expected true or false',
    ]);
  });

  it('drains within a callbackTimeout that is shorter than the default drainTimeout', async () => {
    const app = await boot(
      TransitionsModule.forRoot({ source, callbackTimeout: 1000 }),
    );
    expect(volumesOf(app)).toEqual(['v']);
  });
});

describe('no options at all', () => {
  it.each([
    ['forRoot()', () => TransitionsModule.forRoot()],
    ['the bare module', () => TransitionsModule],
  ])(
    'means the environment, without @nestjs/config (%s)',
    async (_how, module) => {
      vi.stubEnv('TRANSITIONS_CONF_FILE', confFile);
      vi.stubEnv(
        'TRANSITIONS_CONF_OVERRIDES',
        'Cluster.Peers=A, B, C; VolumeGroup:g.VolumeList=over, ridden',
      );
      expect(volumesOf(await boot(module()))).toEqual(['over', 'ridden']);
    },
  );

  it('means the environment through ConfigService, where no transitions are registered', async () => {
    const app = await boot(
      ConfigModule.forRoot({
        ignoreEnvFile: true,
        load: [() => ({ TRANSITIONS_CONF_FILE: confFile })],
      }),
      TransitionsModule.forRoot(),
    );
    expect(volumesOf(app)).toEqual(['from-file']);
  });

  it("means what is registered under 'transitions', over which given options go", async () => {
    vi.stubEnv('TRANSITIONS_CONF_FILE', confFile);
    vi.stubEnv('TRANSITIONS_MAX_UNSERVE', '0');
    const config = ConfigModule.forRoot({
      ignoreEnvFile: true,
      load: [transitionsConfig],
    });
    const app = await boot(config, TransitionsModule.forRoot());
    expect(volumesOf(app)).toEqual(['from-file']);
    writeFileSync(confFile, sampleText({ g: [] }));
    const { outcome, errors } = await app.get(ReloadService).reload();
    expect([outcome, errors[0]?.message]).toEqual([
      'rejected',
      expect.stringContaining('maxUnserve'),
    ]);

    writeFileSync(confFile, sampleText({ g: ['from-file'] }));
    const other = await boot(
      config,
      TransitionsModule.forRoot({ maxUnserve: 1 }),
    );
    writeFileSync(confFile, sampleText({ g: [] }));
    expect((await other.get(ReloadService).reload()).outcome).toBe('applied');
  });

  it('means the same with forRootAsync(transitionsConfig.asProvider())', async () => {
    vi.stubEnv('TRANSITIONS_CONF_FILE', confFile);
    const app = await boot(
      TransitionsModule.forRootAsync(transitionsConfig.asProvider()),
    );
    expect(volumesOf(app)).toEqual(['from-file']);
  });

  it('is refused, with the fix in the message, where the environment names no file', async () => {
    await expect(boot(TransitionsModule.forRoot())).rejects.toThrow(
      'set TRANSITIONS_CONF_FILE',
    );
  });

  it('names every variable that makes no sense', async () => {
    vi.stubEnv('TRANSITIONS_CONF_FILE', confFile);
    vi.stubEnv('TRANSITIONS_CONF_WATCH', 'yes');
    vi.stubEnv('TRANSITIONS_CALLBACK_TIMEOUT', '10s');
    vi.stubEnv('TRANSITIONS_MAX_UNSERVE', '');
    await expect(boot(TransitionsModule.forRoot())).rejects.toThrow(
      'TRANSITIONS_CONF_WATCH is yes; expected true or false; TRANSITIONS_CALLBACK_TIMEOUT is 10s; expected milliseconds above 0',
    );
  });
});

describe('the environment of the process', () => {
  it('is not touched by what the module publishes', async () => {
    const app = await boot(
      ConfigModule.forRoot({ ignoreEnvFile: true }),
      TransitionsModule.forRoot({ source }),
    );
    expect(app.get(ConfigService).get('confMap.Cluster.WhoAmI')).toEqual(['A']);
    expect(process.env['confMap']).toBeUndefined();
  });
});
