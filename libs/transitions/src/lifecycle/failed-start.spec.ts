import 'reflect-metadata';
import {
  Injectable,
  Module,
  type INestApplication,
  type Provider,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { deferred } from '../testing/journal.js';
import { sampleConf } from '../testing/sample-conf.js';
import { RecordingLogger, startApp } from '../testing/started-app.js';
import { TransitionsModule } from '../transitions.module.js';
import { TransitionsService } from '../transitions.service.js';

const transitions = () =>
  TransitionsModule.forRoot({ source: staticConfSource(sampleConf()) });

function moduleOf(providers: Provider[]) {
  @Module({ imports: [transitions()], providers })
  class Root {}
  return Root;
}

async function create(
  providers: Provider[],
  logger = new RecordingLogger(),
): Promise<INestApplication> {
  return NestFactory.create(moduleOf(providers), { logger });
}

/** The listeners of the process that the module may have. */
const listeners = () =>
  Object.fromEntries(
    ['SIGHUP', 'newListener'].map((event) => [
      event,
      process.listenerCount(event),
    ]),
  );

class InInit {
  onModuleInit(): void {
    throw new Error('no database');
  }
}
class InLaterInit {
  async onModuleInit(): Promise<void> {
    await new Promise(setImmediate);
    throw new Error('no database');
  }
}
class InBootstrap {
  async onApplicationBootstrap(): Promise<void> {
    throw new Error('no database');
  }
}

describe('a start that fails in a hook of somebody else', () => {
  it.each([InInit, InLaterInit, InBootstrap])(
    'leaves nothing, however often it is tried: %o (F121)',
    async (Failing) => {
      Injectable()(Failing);
      const before = listeners();
      for (let time = 0; time < 12; time++) {
        const app = await create([Failing]);
        await expect(app.init()).rejects.toThrow('no database');
        expect(listeners()).toEqual(before);
      }
    },
  );

  it('answers the reloads that wait for the boot (F121)', async () => {
    const app = await create([InBootstrap]);
    const early = app.get(ReloadService).reload('early');
    await expect(app.init()).rejects.toThrow('no database');
    expect((await early).outcome).toBe('rejected');
  });

  it('takes down what the application itself had brought up (F121)', async () => {
    const journal: string[] = [];
    @Injectable()
    @TransitionParticipant(1)
    class Store {
      up(): void {
        journal.push('up');
      }
      down(): void {
        journal.push('down');
      }
    }
    @Injectable()
    class Starter {
      constructor(private readonly service: TransitionsService) {}
      async onModuleInit(): Promise<void> {
        await this.service.up();
      }
    }
    const app = await create([Store, Starter, InBootstrap]);
    await expect(app.init()).rejects.toThrow('no database');
    expect(journal).toEqual(['up', 'down']);
  });

  it('leaves the hooks of others as they were (F121)', async () => {
    @Injectable()
    class Own {
      hook = (): void => {};
      onApplicationBootstrap = this.hook;
    }
    @Injectable()
    class Inherited {
      onModuleInit(): void {}
      onApplicationBootstrap(): void {}
    }
    const frozen = Object.freeze({ onModuleInit: () => {} });
    const throwing = new Proxy(
      {},
      {
        get(_target, name) {
          if (name === 'onModuleInit') throw new Error('not now');
          return undefined;
        },
      },
    );
    const providers = [
      Own,
      Inherited,
      { provide: 'frozen', useValue: frozen },
      { provide: 'throwing', useFactory: () => ({ throwing }) },
    ];
    for (const Failing of [InInit, InBootstrap]) {
      const app = await create([...providers, Failing]);
      await expect(app.init()).rejects.toThrow('no database');
      expect(Object.keys(app.get(Inherited))).toEqual([]);
      const own = app.get(Own);
      expect(own.onApplicationBootstrap).toBe(own.hook);
    }
  });
});

describe('a hook that asks for what waits for the boot', () => {
  it.each([
    [
      'reload()',
      (app: TransitionsService, reloads: ReloadService) => [
        reloads.reload(),
        app,
      ],
    ],
    ['reset()', (app: TransitionsService) => [app.reset('v')]],
    ['signaled()', (app: TransitionsService) => [app.signaled(sampleConf())]],
  ])('is warned of by name: %s (F163)', async (what, ask) => {
    const asked = deferred<unknown>();
    @Injectable()
    class Eager {
      constructor(
        private readonly service: TransitionsService,
        private readonly reloads: ReloadService,
      ) {}
      async onModuleInit(): Promise<void> {
        await new Promise(setImmediate);
        const [promise] = ask(this.service, this.reloads);
        asked.resolve(promise);
      }
    }
    const logger = new RecordingLogger();
    await startApp({ providers: [Eager] }, {}, logger);
    expect(logger.with('before the boot')).toEqual([
      `warn [Transitions] ${what} was called before the boot, while Eager.onModuleInit runs. It waits for the boot, and the boot waits for every onModuleInit and onApplicationBootstrap: one that awaits it never ends.`,
    ]);
    await asked.promise;
  });

  it('does not concern a SIGHUP, which awaits nothing', async () => {
    @Injectable()
    class Signalled {
      async onModuleInit(): Promise<void> {
        process.kill(process.pid, 'SIGHUP');
        await new Promise(setImmediate);
      }
    }
    const logger = new RecordingLogger();
    await startApp({ providers: [Signalled] }, {}, logger);
    await expect.poll(() => logger.with('signaled: SIGHUP')).toHaveLength(1);
    expect(logger.with('before the boot')).toEqual([]);
  });
});

describe('an application that Nest initialises twice', () => {
  it('listens once, reloads once, and leaves nothing (F168)', async () => {
    const before = listeners();
    const logger = new RecordingLogger();
    const module = await Test.createTestingModule({
      imports: [moduleOf([])],
    })
      .setLogger(logger)
      .compile();
    await module.init();
    const app = module.createNestApplication();
    await app.init();
    onTestFinished(() => app.close());
    expect(listeners()).toEqual({
      SIGHUP: before['SIGHUP']! + 1,
      newListener: before['newListener']! + 1,
    });
    process.kill(process.pid, 'SIGHUP');
    await expect.poll(() => logger.with('unchanged')).toHaveLength(1);
    await app.close();
    expect(logger.with('signaled: SIGHUP')).toHaveLength(1);
    expect(listeners()).toEqual(before);
  });

  it('follows its source once, and lets it go (F168)', async () => {
    let subscriptions = 0;
    const { Observable } = await import('rxjs');
    const source = Object.assign(staticConfSource(sampleConf()), {
      changes$: new Observable<string>(() => {
        subscriptions++;
        return () => subscriptions--;
      }),
    });
    const module = await Test.createTestingModule({
      imports: [TransitionsModule.forRoot({ source })],
    })
      .setLogger(new RecordingLogger())
      .compile();
    const app = module.createNestApplication();
    await Promise.all([app.init(), app.listen(0, '127.0.0.1')]);
    expect(subscriptions).toBe(1);
    await app.close();
    expect(subscriptions).toBe(0);
  });
});
