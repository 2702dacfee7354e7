import 'reflect-metadata';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Injectable,
  Logger,
  type INestApplicationContext,
} from '@nestjs/common';
import { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { deferred } from '../testing/journal.js';
import type { ConfSource } from '../sources/conf-source.js';
import { sampleConf, sampleSections } from '../testing/sample-conf.js';
import { compileApp, RecordingLogger } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';

type Logging = Readonly<Record<string, string | readonly string[]>>;

let folder: string;
let logFile: string;
let logger: RecordingLogger;
let app: INestApplicationContext;
let confMap: ConfMap;

const source: ConfSource = {
  load: async () => confMap,
  describe: () => 'the test',
};

function confOf(logging?: Logging): ConfMap {
  return ConfMap.fromObject(
    sampleSections({ g: ['v'] }, logging ? { Logging: logging } : {}),
  );
}

async function boot(
  logging: Logging,
  providers: (new () => object)[] = [],
  options: TransitionsModuleOptions = {},
): Promise<void> {
  confMap = confOf(logging);
  logger = new RecordingLogger();
  logger.setLogLevels(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']);
  app = await compileApp({ providers }, { source, ...options }, logger);
  await app.init();
}

async function reload(logging?: Logging) {
  confMap = confOf(logging);
  return app.get(ReloadService).reload();
}

function logged(path = logFile): string {
  return readFileSync(path, 'utf8');
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transitions-logging-'));
  logFile = join(folder, 'service.log');
});

afterEach(async () => {
  await app.close();
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

describe('section Logging', () => {
  it('writes to a file beside the console, from Up to the end of Down', async () => {
    await boot({ LogFilePath: logFile });
    new Logger('Mine').warn('in between');
    await app.close();
    const lines = logged().trimEnd().split('\n');
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^\d{4}-\d\d-\d\dT[\d:.]+Z WARN \[Mine\] in between$/,
      ),
    );
    expect(lines.at(-1)).toMatch(/LOG \[Transitions\] #2 applied in /);
    expect(logger.with('in between')).toHaveLength(1);
    new Logger('Mine').warn('afterwards');
    expect(logger.with('afterwards')).toHaveLength(1);
    expect(logged()).not.toContain('afterwards');
  });

  it('can keep the console silent', async () => {
    await boot({ LogFilePath: logFile, LogToConsole: 'false' });
    new Logger('Mine').log('for the file');
    await app.close();
    expect(logged()).toContain('for the file');
    expect(logger.with('for the file')).toEqual([]);
  });

  it('lets debug and verbose through for the contexts it names, and for none by default', async () => {
    const say = (): void => {
      for (const context of ['One', 'Two']) {
        new Logger(context).debug(`debug of ${context}`);
        new Logger(context).verbose(`verbose of ${context}`);
      }
    };
    await boot({ LogFilePath: logFile });
    say();
    expect(logger.with(' of ')).toEqual([]);
    await reload({ DebugLevelLogging: 'One', TraceLevelLogging: 'Two' });
    say();
    await reload({ DebugLevelLogging: 'all', TraceLevelLogging: 'none' });
    say();
    await reload();
    say();
    expect(
      logger.with(' of ').map((line) => line.replace(/^.*\] /, '')),
    ).toEqual([
      'debug of One',
      'verbose of Two',
      'debug of One',
      'debug of Two',
      'debug of One',
      'verbose of One',
      'debug of Two',
      'verbose of Two',
    ]);
  });

  it('shows whatever is logged, and nobody can forge a line', async () => {
    await boot({ LogFilePath: logFile });
    const circular: Record<string, unknown> = { big: 1n };
    circular['self'] = circular;
    const mine = new Logger('Mine');
    mine.log(circular);
    mine.log('first\n2026-01-01T00:00:00.000Z ERROR [Mine] second');
    mine.error('failed', new Error('the cause').stack);
    mine.error(new Error('as it is'));
    mine.warn(Object.create(null));
    mine.log('several', { values: [1] });
    await app.close();
    const text = logged();
    expect(text).toMatch(/big: 1n/);
    expect(text).toMatch(/\[Mine\] first\n {2}2026-01-01/);
    expect(text).toMatch(
      /ERROR \[Mine\] failed\n {2}Error: the cause\n {6}at /,
    );
    expect(text).toMatch(/ERROR \[Mine\] Error: as it is\n {6}at /);
    expect(text).toMatch(/LOG \[Mine\] several\n {2}\{ values: \[ 1 \] \}/);
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(\d{4}-| {2})/);
    }
  });

  it('opens the file anew on every reload, so that logrotate and a SIGHUP work', async () => {
    await boot({ LogFilePath: logFile });
    new Logger('Mine').log('before');
    renameSync(logFile, `${logFile}.1`);
    const { outcome } = await reload({ LogFilePath: logFile });
    expect(outcome).toBe('unchanged');
    new Logger('Mine').log('after');
    await app.close();
    expect(logged(`${logFile}.1`)).toContain('before');
    expect(logged(`${logFile}.1`)).not.toContain('after');
    expect(logged()).toContain('after');
  });

  it('opens the file anew on a reload that is refused too (F152)', async () => {
    await boot({ LogFilePath: logFile });
    renameSync(logFile, `${logFile}.1`);
    expect((await reload({ LogToConsole: 'maybe' })).outcome).toBe('rejected');
    new Logger('Mine').log('after');
    await app.close();
    expect(logged(`${logFile}.1`)).not.toContain('after');
    expect(logged()).toContain('after');
  });

  it('opens the file anew at once, while another reload still runs (F152)', async () => {
    const inReload = deferred();
    const letGo = deferred();
    @Injectable()
    @TransitionParticipant()
    class Slow {
      async signaledStart(): Promise<void> {
        inReload.resolve();
        await letGo.promise;
      }
    }
    await boot({ LogFilePath: logFile }, [Slow]);
    const first = reload({ LogFilePath: logFile });
    await inReload.promise;
    renameSync(logFile, `${logFile}.1`);
    const second = reload({ LogFilePath: logFile });
    await expect.poll(() => existsSync(logFile)).toBe(true);
    letGo.resolve();
    await Promise.all([first, second]);
  });

  it("that has none of its options is of no concern: it is the application's own (F126)", async () => {
    await boot({ Level: 'debug', Path: logFile });
    new Logger('Mine').debug('still there');
    expect(logger.with('still there')).toHaveLength(1);
    expect(existsSync(logFile)).toBe(false);
  });

  it('is of no concern with the option logging: false (F126)', async () => {
    await boot({ LogFilePath: logFile }, [], { logging: false });
    new Logger('Mine').debug('still there');
    expect(logger.with('still there')).toHaveLength(1);
    expect(existsSync(logFile)).toBe(false);
    const { participants } = app.get(TransitionsService).snapshot();
    expect(participants.map(({ name }) => name)).toEqual(['VolumeGate']);
  });

  it('is in force again after a rollback', async () => {
    @Injectable()
    @TransitionParticipant()
    class Moody {
      serveVolume(_conf: ConfMap, name: string): void {
        if (name === 'bad') throw new Error('not that one');
      }
    }
    await boot({ LogFilePath: logFile }, [Moody]);
    const other = join(folder, 'other.log');
    confMap = sampleConf(
      { g: ['v', 'bad'] },
      { Logging: { LogFilePath: other } },
    );
    expect((await app.get(ReloadService).reload()).outcome).toBe('rolledBack');
    new Logger('Mine').log('still here');
    await app.close();
    expect(logged()).toContain('still here');
    expect(existsSync(other)).toBe(false);
  });

  it('of a boot that fails has the reason in its file, and Nest its own logger back', async () => {
    @Injectable()
    @TransitionParticipant()
    class Broken {
      up(): void {
        throw new Error('no network');
      }
    }
    await expect(boot({ LogFilePath: logFile }, [Broken])).rejects.toThrow(
      'no network',
    );
    expect(logged()).toMatch(/#1 rolledBack [^]*no network/);
    new Logger('Mine').log('afterwards');
    expect(logged()).not.toContain('afterwards');
  });

  it('takes over the logger that the application takes later, at the next reload', async () => {
    await boot({ LogFilePath: logFile });
    const later = new RecordingLogger();
    app.useLogger(later);
    await reload({ LogFilePath: logFile });
    new Logger('Mine').log('to both');
    await app.close();
    expect(later.with('to both')).toHaveLength(1);
    expect(logged()).toContain('to both');
  });

  it('leaves an application silent that has no logger', async () => {
    await boot({ LogFilePath: logFile });
    app.useLogger(false);
    await reload({ LogFilePath: logFile });
    new Logger('Mine').log('to the file alone');
    await app.close();
    expect(logged()).toContain('to the file alone');
    expect(logger.with('to the file alone')).toEqual([]);
  });
});

describe('a log file that cannot be written', () => {
  it.each([
    ['in a folder that is not there', () => join(folder, 'none', 'x.log')],
    ['that is a folder', () => folder],
    ['below a file', () => join('/dev/null', 'x.log')],
  ])('F86 %s is a veto: the old configuration stays', async (_what, path) => {
    await boot({ LogFilePath: logFile });
    const { outcome, errors } = await reload({ LogFilePath: path() });
    expect(outcome).toBe('rejected');
    expect(errors[0]?.message).toMatch(
      /Participant Logger vetoes .*Logging\.LogFilePath is .* which cannot be written/,
    );
    new Logger('Mine').log('still here');
    await app.close();
    expect(logged()).toContain('still here');
  });

  it('values that make no sense are a veto', async () => {
    await boot({});
    const { outcome, errors } = await reload({ LogToConsole: 'maybe' });
    expect([outcome, errors[0]?.message]).toEqual([
      'rejected',
      expect.stringContaining('LogToConsole'),
    ]);
  });

  it('makes no file before the configuration is accepted', async () => {
    await boot({});
    confMap = sampleConf(
      { g: ['v'] },
      {
        Cluster: { WhoAmI: 'B', Peers: ['A', 'B'] },
        Logging: { LogFilePath: logFile },
      },
    );
    expect((await app.get(ReloadService).reload()).outcome).toBe('rejected');
    expect(existsSync(logFile)).toBe(false);
  });

  it('F86 F88 for want of space loses lines, says so once, and changes no outcome', async () => {
    await boot({ LogFilePath: '/dev/full', LogToConsole: 'true' });
    for (let line = 0; line < 100; line++) new Logger('Mine').log('lost');
    expect((await reload({ LogFilePath: '/dev/full' })).outcome).toBe(
      'unchanged',
    );
    expect(app.get(TransitionsService).snapshot().degraded).toBe(false);
    await app.close();
    const complaints = logger.with('lines are lost');
    // Once for each time that the file was opened.
    expect(complaints).toHaveLength(2);
    expect(complaints[0]).toMatch(/^error .*ENOSPC/);
    expect(logger.with('[Mine] lost')).toHaveLength(100);
  });

  it('F88 whose folder is gone when it is opened anew goes on with the old one', async () => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    @Injectable()
    @TransitionParticipant()
    class Sweeper {
      signaledStart(): void {
        rmSync(gone, { recursive: true });
      }
    }
    await boot({ LogFilePath: logFile }, [Sweeper]);
    const { outcome } = await reload({ LogFilePath: join(gone, 'x.log') });
    expect(outcome).toBe('unchanged');
    expect(logger.with('The log file cannot be opened')).toHaveLength(1);
    new Logger('Mine').log('still here');
    await app.close();
    expect(logged()).toContain('still here');
  });
});
