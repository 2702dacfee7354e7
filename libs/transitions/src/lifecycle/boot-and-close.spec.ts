import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Injectable,
  Module,
  type INestApplication,
  type Provider,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { TransitionContext } from '../core/model/callbacks.js';
import {
  PreemptedByDownError,
  TransitionStateError,
} from '../core/model/errors.js';
import { TransitionFailedError } from '../core/report/report-errors.js';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { deferred } from '../testing/journal.js';
import { sampleConf } from '../testing/sample-conf.js';
import {
  compileApp,
  RecordingLogger,
  startApp,
} from '../testing/started-app.js';
import { TransitionsModule } from '../transitions.module.js';
import { TransitionsService } from '../transitions.service.js';
import { TransitionsLifecycle } from './transitions.lifecycle.js';

const noSource = { source: staticConfSource(sampleConf()) };

async function createHttp(
  providers: Provider[],
  source = noSource.source,
): Promise<{ app: INestApplication; logger: RecordingLogger }> {
  @Module({ imports: [TransitionsModule.forRoot({ source })], providers })
  class Root {}
  const logger = new RecordingLogger();
  const app = await NestFactory.create(Root, { logger });
  onTestFinished(() => app.close());
  return { app, logger };
}

function isListening(app: INestApplication): boolean {
  return (app.getHttpServer() as Server).listening;
}

describe('the port', () => {
  it('opens after Up and closes after Down: requests that arrive during Down are answered', async () => {
    const open: Record<string, boolean> = {};
    @Injectable()
    @TransitionParticipant(1)
    class Store {
      signaledFinish(): void {
        open['atTheEndOfUp'] = isListening(app);
      }
      async down(): Promise<void> {
        open['inDown'] = isListening(app);
        const { port } = (
          app.getHttpServer() as Server
        ).address() as AddressInfo;
        const { status } = await fetch(`http://127.0.0.1:${port}/nothing`);
        expect(status).toBe(404);
      }
    }
    const { app } = await createHttp([Store]);
    await app.listen(0, '127.0.0.1');
    expect(isListening(app)).toBe(true);
    await app.close();
    expect(open).toEqual({ atTheEndOfUp: false, inDown: true });
    expect(isListening(app)).toBe(false);
  });
});

describe('a boot that fails', () => {
  it('F34 rolls back what came up, in reverse, and fails with one readable error', async () => {
    const journal: string[] = [];
    const participant = (name: string, fails: boolean) => {
      @Injectable()
      @TransitionParticipant({ name, order: 1 })
      class Part {
        up(): void {
          journal.push(`${name}.up`);
          if (fails) throw new Error('no disk');
        }
        down(): void {
          journal.push(`${name}.down`);
        }
      }
      return Part;
    };
    const { app, logger } = await createHttp([
      participant('a', false),
      participant('b', false),
      participant('c', true),
    ]);
    const failure = await app
      .listen(0, '127.0.0.1')
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(TransitionFailedError);
    expect((failure as Error).message).toMatch(
      /^Transition 1 \(up\) ended rolledBack: Participant c \(order 1\) failed in up(?: after \d+ ms)?: no disk$/,
    );
    expect(journal).toEqual(['a.up', 'b.up', 'c.up', 'b.down', 'a.down']);
    expect(isListening(app)).toBe(false);
    expect(logger.with('no disk').length).toBeGreaterThan(0);
  });

  it('F1 F25 names every problem of the configuration, and calls nobody', async () => {
    const journal: string[] = [];
    @Injectable()
    @TransitionParticipant(1)
    class Store {
      up(): void {
        journal.push('up');
      }
    }
    const broken = ConfMap.parse(
      '[Cluster]\nWhoAmI: X\nPeers: A\n[FSGlobals]\nVolumeGroupList: g h\n[VolumeGroup:g]\nVolumeList: v\nPrimaryPeer: Y\n',
      { path: 'broken.conf' },
    );
    const { app } = await createHttp([Store], staticConfSource(broken));
    await expect(app.init()).rejects.toThrow(
      /3 problems:[^]*broken\.conf:2: .*X[^]*broken\.conf:8: .*Y[^]*broken\.conf:5: .*h/,
    );
    expect(journal).toEqual([]);
  });

  it('leaves no listener of SIGHUP behind', async () => {
    const before = process.listenerCount('SIGHUP');
    const { app } = await createHttp([], staticConfSource(sampleConf({})));
    await app.init();
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
    const { app: other } = await createHttp(
      [],
      staticConfSource(sampleConf({}, { Cluster: { Peers: 'A' } })),
    );
    await expect(other.init()).rejects.toThrow('WhoAmI');
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
  });
});

describe('close() during the boot', () => {
  it('while a callback of Up runs: Up is cut, Down follows, and the application never listens', async () => {
    const journal: string[] = [];
    const inUp = deferred();
    const letUpGo = deferred();
    @Injectable()
    @TransitionParticipant(1)
    class Store {
      async up(): Promise<void> {
        journal.push('up');
        inUp.resolve();
        await letUpGo.promise;
      }
      volumeGroupCreated(): void {
        journal.push('volumeGroupCreated');
      }
      down(): void {
        journal.push('down');
      }
    }
    const { app } = await createHttp([Store]);
    const listening = app
      .listen(0, '127.0.0.1')
      .catch((thrown: unknown) => thrown);
    await inUp.promise;
    const closed = app.close();
    await expect
      .poll(() => app.get(TransitionsService).snapshot().lifecycle)
      .toBe('goingDown');
    letUpGo.resolve();
    await closed;
    const failure = await listening;
    expect(failure).toBeInstanceOf(TransitionFailedError);
    expect((failure as Error).cause).toBeInstanceOf(PreemptedByDownError);
    expect(journal).toEqual(['up', 'down']);
    expect(isListening(app)).toBe(false);
  });

  it('does not wait for load balancers: the boot is cut at once', async () => {
    const inUp = deferred();
    @Injectable()
    @TransitionParticipant(1)
    class Store {
      async up(
        _confMap: ConfMap,
        { signal }: TransitionContext,
      ): Promise<void> {
        inUp.resolve();
        await new Promise((resolve) =>
          signal.addEventListener('abort', resolve),
        );
      }
    }
    const app = await compileApp(
      { providers: [Store] },
      { lameduck: 3_600_000 },
    );
    const booting = app.init().catch((thrown: unknown) => thrown);
    await inUp.promise;
    // init() of a context is waited for by close(), that of an application is not.
    await app.get(TransitionsLifecycle).beforeApplicationShutdown();
    expect(await booting).toBeInstanceOf(TransitionFailedError);
  });

  it('before Up has begun: Up is refused by a typed error, and nobody is called', async () => {
    const journal: string[] = [];
    const inHook = deferred();
    const letHookGo = deferred();
    @Injectable()
    class Slow {
      async onApplicationBootstrap(): Promise<void> {
        inHook.resolve();
        await letHookGo.promise;
      }
    }
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
    const { app } = await createHttp([Slow, Store]);
    const listening = app
      .listen(0, '127.0.0.1')
      .catch((thrown: unknown) => thrown);
    await inHook.promise;
    await app.close();
    letHookGo.resolve();
    const failure = await listening;
    expect(failure).toBeInstanceOf(TransitionStateError);
    expect((failure as Error).message).toContain(
      'the application was closed before it was up',
    );
    expect(journal).toEqual([]);
    expect(isListening(app)).toBe(false);
    expect(process.listeners('SIGHUP')).toEqual([]);
  });
});

describe('an application that calls up itself, in a hook of its own', () => {
  it('opens its port only when that Up is done', async () => {
    const inUp = deferred();
    const letUpGo = deferred();
    @Injectable()
    @TransitionParticipant(1)
    class Store {
      async up(): Promise<void> {
        inUp.resolve();
        await letUpGo.promise;
      }
    }
    @Injectable()
    class Starter {
      constructor(private readonly transitions: TransitionsService) {}
      onModuleInit(): void {
        void this.transitions.up(sampleConf({ own: ['w'] }));
      }
    }
    const { app } = await createHttp([Store, Starter]);
    const listening = app.listen(0, '127.0.0.1');
    await inUp.promise;
    await new Promise(setImmediate);
    expect(isListening(app)).toBe(false);
    letUpGo.resolve();
    await listening;
    const { participants, lifecycle } = app.get(TransitionsService).snapshot();
    expect(lifecycle).toBe('up');
    expect(participants.map(({ groups }) => groups)).toContainEqual(['own']);
  });

  it('does not boot when that Up fails, even when it ignores it', async () => {
    @Injectable()
    class Starter {
      constructor(private readonly transitions: TransitionsService) {}
      onModuleInit(): void {
        this.transitions.up(ConfMap.fromObject({})).catch(() => {});
      }
    }
    const { app } = await createHttp([Starter]);
    await expect(app.init()).rejects.toThrow(TransitionFailedError);
  });
});

describe('a Down that fails', () => {
  const exitListeners = process.listeners('exit');
  const sigtermListeners = process.listeners('SIGTERM');

  afterEach(() => {
    process.exitCode = undefined;
    for (const [event, before] of [
      ['exit', exitListeners],
      ['SIGTERM', sigtermListeners],
    ] as const) {
      for (const listener of process.listeners(event as 'exit')) {
        if (!(before as unknown[]).includes(listener)) {
          process.off(event, listener);
        }
      }
    }
  });

  it('F83 sets the exit code, calls the others all the same, and logs what failed', async () => {
    const journal: string[] = [];
    @Injectable()
    @TransitionParticipant(1)
    class First {
      down(): void {
        journal.push('first');
      }
    }
    @Injectable()
    @TransitionParticipant(2)
    class Second {
      unserveVolume(): void {
        throw new Error('dirty pages');
      }
      down(): void {
        journal.push('second');
      }
    }
    const logger = new RecordingLogger();
    const app = await startApp({ providers: [First, Second] }, {}, logger);
    await app.close();
    expect(process.exitCode).toBe(1);
    expect(journal).toEqual(['second', 'first']);
    expect(logger.with('dirty pages').at(-1)).toMatch(/^error .*failed in/);
  });

  it('without a failure leaves the exit code alone', async () => {
    const app = await startApp({});
    await app.close();
    expect(process.exitCode).toBeUndefined();
  });
});

describe('SIGHUP while the application goes down', () => {
  it('F51 a reload is refused with the reason, until the last hook has run', async () => {
    let inLastHook = 0;
    @Injectable()
    class Database {
      onApplicationShutdown(): void {
        inLastHook = process.listenerCount('SIGHUP');
      }
    }
    const before = process.listenerCount('SIGHUP');
    const app = await startApp({ providers: [Database] });
    const reloads = app.get(ReloadService);
    await app.close();
    expect(inLastHook).toBe(before + 1);
    expect(process.listenerCount('SIGHUP')).toBe(before);
    const report = await reloads.reload();
    expect(report.outcome).toBe('rejected');
    expect(report.errors[0]?.message).toContain('a reload is refused');
  });
});

describe('while load balancers notice that the process is not ready any more', () => {
  const longerThanATimer = 60 * 24 * 60 * 60 * 1000;

  /** An application of peer A in its lameduck, with what it serves. */
  async function retiring(lameduck = longerThanATimer) {
    const source = { ...noSource.source, next: sampleConf({ g: ['v'] }) };
    source.load = async () => source.next;
    const journal: string[] = [];
    @Injectable()
    @TransitionParticipant(1)
    class Store {
      serveVolume(_confMap: ConfMap, name: string): void {
        journal.push(`serve ${name}`);
      }
      unserveVolume(_confMap: ConfMap, name: string): void {
        journal.push(`unserve ${name}`);
      }
    }
    const app = await startApp({ providers: [Store] }, { source, lameduck });
    expect(app.get(TransitionsService).isReady).toBe(true);
    const closed = app.close();
    await expect.poll(() => app.get(TransitionsService).isReady).toBe(false);
    return { app, source, journal, closed, reloads: app.get(ReloadService) };
  }

  it('nothing is served anew, whatever asks for a reload, and for months (F99, F165)', async () => {
    const { app, source, journal, closed, reloads } = await retiring();
    source.next = sampleConf({ g: ['v', 'w'] });
    process.kill(process.pid, 'SIGHUP');
    const { outcome, errors } = await reloads.reload();
    expect(outcome).toBe('rejected');
    expect(errors[0]?.message).toContain('a reload is refused while retiring');
    const transitions = app.get(TransitionsService);
    await expect(transitions.signaled(source.next)).rejects.toThrow('retiring');
    expect((await transitions.reset('v')).outcome).toBe('rejected');
    source.next = sampleConf({ g: [] });
    await reloads.reload();
    await closed;
    expect(journal).toEqual(['serve v', 'unserve v']);
  });

  it('what another peer may serve by now leaves at once, with all the rest (F165)', async () => {
    const { source, journal, closed, reloads } = await retiring();
    source.next = sampleConf({ 'g@B': ['v'], h: ['w'] });
    await reloads.reload();
    await closed;
    expect(journal).toEqual(['serve v', 'unserve v']);
  });

  it('a configuration that cannot be had is refused, and changes nothing (F165)', async () => {
    const { source, journal, reloads, closed } = await retiring(500);
    source.load = () => Promise.reject(new Error('no route to host'));
    expect((await reloads.reload()).outcome).toBe('rejected');
    expect(journal).toEqual(['serve v']);
    await closed;
    expect(journal).toEqual(['serve v', 'unserve v']);
  });
});

describe('a server that a callback opened', () => {
  it('is of no concern to the module: it is the callback that closes it', async () => {
    let server: Server | undefined;
    @Injectable()
    @TransitionParticipant(1)
    class Admin {
      async up(): Promise<void> {
        server = createServer();
        await new Promise<void>((resolve) => {
          server!.listen(0, '127.0.0.1', resolve);
        });
      }
      async down(): Promise<void> {
        await new Promise((resolve) => server!.close(resolve));
      }
    }
    const app = await startApp({ providers: [Admin] });
    expect(server!.listening).toBe(true);
    await app.close();
    expect(server!.listening).toBe(false);
  });
});
