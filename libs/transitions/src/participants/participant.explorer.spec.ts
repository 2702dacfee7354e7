import 'reflect-metadata';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Scope,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type INestApplicationContext,
  type MiddlewareConsumer,
  type ModuleMetadata,
} from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test, type OverrideBy, type TestingModule } from '@nestjs/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { staticConfSource } from '../sources/static.conf-source.js';
import { sampleConf } from '../testing/sample-conf.js';
import { TransitionsModule } from '../transitions.module.js';
import { ParticipantError } from './participant-error.js';
import { deferred } from '../testing/journal.js';
import {
  compileApp,
  RecordingLogger,
  startApp,
} from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import { TransitionParticipant } from './participant.decorator.js';

/** The names of the participants of an application, in order, without the module's own. */
async function found(metadata: ModuleMetadata): Promise<string[]> {
  return namesIn(await startApp(metadata));
}

function namesIn(app: INestApplicationContext): string[] {
  const { participants } = app.get(TransitionsService).snapshot();
  return participants
    .map(({ name }) => name)
    .filter((name) => name !== 'Logger' && name !== 'VolumeGate');
}

type Overriding = OverrideBy;
const sampleSource = staticConfSource(sampleConf());

async function problemsOf(metadata: ModuleMetadata): Promise<string[]> {
  const app = await compileApp(metadata);
  const failure: unknown = await app.init().catch((thrown: unknown) => thrown);
  if (failure instanceof ParticipantError) return [...failure.problems];
  throw new Error('expected a ParticipantError', { cause: failure });
}

@Injectable()
@TransitionParticipant()
class First {
  up(): void {}
}

@Injectable()
@TransitionParticipant()
class Second {
  up(): void {}
}

@Injectable()
@TransitionParticipant()
class Third {
  up(): void {}
}

describe('which participants are found', () => {
  it('providers of all modules, those of imported modules first, in the order of declaration', async () => {
    @Module({ providers: [Third] })
    class Inner {}
    @Module({ imports: [Inner], providers: [First] })
    class Outer {}
    expect(await found({ imports: [Outer], providers: [Second] })).toEqual([
      'Third',
      'First',
      'Second',
    ]);
  });

  it('in the order of declaration whichever asynchronous module is ready first', async () => {
    @Module({ providers: [First] })
    class Slow {}
    @Module({ providers: [Second] })
    class Fast {}
    @Module({})
    class Root {}
    const slow = deferred<{ module: typeof Slow }>();
    const names = found({
      imports: [
        {
          module: Root,
          imports: [slow.promise, Promise.resolve({ module: Fast })],
        },
      ],
    });
    setTimeout(() => slow.resolve({ module: Slow }), 10);
    expect(await names).toEqual(['First', 'Second']);
  });

  it('in the order of declaration whichever asynchronous provider is ready first', async () => {
    const slow = deferred<First>();
    setTimeout(() => slow.resolve(new First()), 10);
    expect(
      await found({
        providers: [
          { provide: First, useFactory: () => slow.promise },
          { provide: Second, useFactory: () => new Second() },
        ],
      }),
    ).toEqual(['First', 'Second']);
  });

  it('controllers', async () => {
    @Controller()
    @TransitionParticipant()
    class VolumesController {
      serveVolume(): void {}
    }
    expect(await found({ controllers: [VolumesController] })).toEqual([
      'VolumesController',
    ]);
  });

  it('a subclass of a decorated class, under its own name', async () => {
    @Injectable()
    class Special extends First {}
    expect(
      await found({ providers: [{ provide: First, useClass: Special }] }),
    ).toEqual(['Special']);
  });

  it('instances of decorated classes that a factory or a value gives', async () => {
    expect(
      await found({
        providers: [
          { provide: 'a', useFactory: async () => new First() },
          { provide: 'b', useValue: new Second() },
        ],
      }),
    ).toEqual(['First', 'Second']);
  });

  it('an instance once, however many tokens lead to it', async () => {
    expect(
      await found({
        providers: [
          First,
          { provide: 'alias', useExisting: First },
          {
            provide: 'handedOn',
            useFactory: (first: First) => first,
            inject: [First],
          },
        ],
      }),
    ).toEqual(['First']);
  });

  it('of a class in two modules only when they are named apart', async () => {
    @Module({ providers: [First] })
    class Left {}
    @Module({ providers: [First] })
    class Right {}
    expect(await problemsOf({ imports: [Left, Right] })).toEqual([
      expect.stringMatching(
        /^two participants are named First; .*provide the class in one module only and export it/,
      ),
    ]);

    @Injectable()
    @TransitionParticipant({ name: 'OtherFirst' })
    class Other extends First {}
    @Module({ providers: [{ provide: First, useClass: Other }] })
    class RightNamedApart {}
    expect(await found({ imports: [Left, RightNamedApart] })).toEqual([
      'First',
      'OtherFirst',
    ]);
  });

  it('nothing in providers that are no objects, or answer to everything, or throw', async () => {
    const throwing = new Proxy(
      {},
      {
        get: () => {
          throw new Error('not now');
        },
      },
    );
    expect(
      await found({
        providers: [
          { provide: 'null', useValue: null },
          { provide: 'text', useValue: 'text' },
          { provide: 'bare', useValue: Object.create(null) },
          { provide: 'throwing', useFactory: () => [throwing] },
          { provide: 'anything', useFactory: () => ({ get: throwing }) },
          First,
        ],
      }),
    ).toEqual(['First']);
  });

  it('F49 not in a module that is loaded lazily after the boot', async () => {
    @Module({ providers: [First] })
    class Lazy {}
    const app = await startApp({});
    await app.get(LazyModuleLoader).load(() => Lazy);
    const names = app.get(TransitionsService).snapshot().participants;
    expect(names.map(({ name }) => name)).not.toContain('First');
  });
});

describe('F49 participants that have no single instance', () => {
  @Injectable({ scope: Scope.REQUEST })
  class PerRequest {}
  @Injectable({ scope: Scope.REQUEST })
  @TransitionParticipant()
  class RequestScoped extends First {}
  @Injectable({ scope: Scope.TRANSIENT })
  @TransitionParticipant()
  class Transient extends First {}
  @Injectable()
  class Between {
    constructor(@Inject(PerRequest) readonly dependency: PerRequest) {}
  }
  @Injectable()
  @TransitionParticipant()
  class ByDependency extends First {
    constructor(@Inject(Between) readonly dependency: Between) {
      super();
    }
  }

  it('are refused at boot, all of them, by name', async () => {
    expect(
      await problemsOf({
        providers: [
          PerRequest,
          Between,
          RequestScoped,
          Transient,
          ByDependency,
        ],
      }),
    ).toEqual([
      expect.stringMatching(/^RequestScoped is .*singleton$/),
      expect.stringMatching(/^Transient is .*singleton$/),
      expect.stringMatching(/^ByDependency is .*singleton$/),
    ]);
  });

  it('do not include one that injects something transient, such as a logger', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class TransientLogger {}
    @Injectable()
    @TransitionParticipant()
    class Store extends First {
      constructor(@Inject(TransientLogger) readonly logger: TransientLogger) {
        super();
      }
    }
    expect(await found({ providers: [TransientLogger, Store] })).toEqual([
      'Store',
    ]);
  });
});

describe('a participant that is made for a decorator or as middleware', () => {
  @Injectable()
  @TransitionParticipant()
  class Timing extends First {
    intercept(_context: ExecutionContext, next: CallHandler) {
      return next.handle();
    }
    canActivate(): boolean {
      return true;
    }
    use(_request: unknown, _response: unknown, next: () => void): void {
      next();
    }
  }
  @Controller()
  @UseInterceptors(Timing)
  class Intercepted {}
  @Controller()
  class Guarded {
    @Get()
    @UseGuards(Timing)
    get(): void {}
  }
  @Module({ controllers: [Intercepted] })
  class WithInterceptor {}
  @Module({ controllers: [Guarded] })
  class WithGuard {}
  @Module({})
  class WithMiddleware {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(Timing).forRoutes('anything');
    }
  }

  async function startHttp(metadata: ModuleMetadata): Promise<string[]> {
    const context = (await compileApp(metadata)) as TestingModule;
    const app = await context.createNestApplication().init();
    onTestFinished(() => app.close());
    return namesIn(app);
  }

  it.each([WithInterceptor, WithGuard, WithMiddleware])(
    'is found: %o (F122)',
    async (module) => {
      expect(await startHttp({ imports: [module] })).toEqual(['Timing']);
    },
  );

  it.each([WithInterceptor, WithGuard, WithMiddleware])(
    'is refused by name when it is provided as well, because it is two instances: %o (F122)',
    async (module) => {
      const starting = startHttp({ imports: [module], providers: [Timing] });
      await expect(starting).rejects.toThrow(
        'Timing is provided, and it is also an interceptor, guard, pipe, filter or middleware',
      );
    },
  );
});

describe('what takes the place of a participant', () => {
  it.each([
    ['a value', (to: Overriding) => to.useValue({ up: () => {} })],
    ['a factory', (to: Overriding) => to.useFactory({ factory: () => ({}) })],
    [
      'another class',
      (to: Overriding) =>
        to.useClass(
          class {
            up(): void {}
          },
        ),
    ],
  ])('in a test is that participant: %s (F122)', async (_what, override) => {
    const builder = Test.createTestingModule({
      imports: [TransitionsModule.forRoot({ source: sampleSource })],
      providers: [First],
    }).setLogger(new RecordingLogger());
    const app = await override(builder.overrideProvider(First)).compile();
    onTestFinished(() => app.close());
    await app.init();
    expect(namesIn(app)).toEqual(['First']);
  });

  it('is that participant where it is provided so, and refused by name when it is no object (F122)', async () => {
    const provide = (useValue: unknown) => ({
      providers: [{ provide: First, useValue }],
    });
    expect(await found(provide({ up: () => {} }))).toEqual(['First']);
    expect(await problemsOf(provide(null))).toEqual([
      'First is provided as null; expected an object with callbacks',
    ]);
  });
});

describe('two loaded copies of the library', () => {
  it('find the participants that the other one decorated', async () => {
    vi.resetModules();
    const copy = await import('./participant.decorator.js');
    expect(copy.TransitionParticipant).not.toBe(TransitionParticipant);
    @Injectable()
    @copy.TransitionParticipant({ name: 'FromTheCopy', order: 7 })
    class Store {
      up(): void {}
    }
    expect(await found({ providers: [Store] })).toEqual(['FromTheCopy']);
  });
});
