import 'reflect-metadata';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, type INestApplicationContext } from '@nestjs/common';
import { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import { configServiceConfSource } from '../config/config-service.conf-source.js';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import { sampleText } from '../testing/sample-conf.js';
import { RecordingLogger, startApp } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import type { ConfSource } from './conf-source.js';
import { fileConfSource } from './file.conf-source.js';
import { lastGoodConfSource } from './last-good.conf-source.js';

let folder: string;
let conf: string;
let kept: string;
let logger: RecordingLogger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'last-good-'));
  conf = join(folder, 'service.conf');
  kept = join(folder, 'kept', 'last-good.conf');
  logger = new RecordingLogger();
});

afterEach(() => rmSync(folder, { recursive: true }));

@Injectable()
@TransitionParticipant(1)
class Store implements TransitionCallbacks {
  static refuses: string | undefined;
  static vetoesAll = false;
  readonly served: string[] = [];

  validate(confMap: ConfMap): void {
    if (Store.vetoesAll) throw new Error('strict');
    const volumes = confMap.getStrings('VolumeGroup:g', 'VolumeList');
    if (volumes.includes('vetoed')) throw new Error('no such volume, please');
  }

  serveVolume(_confMap: ConfMap, volume: string): void {
    if (volume === Store.refuses) throw new Error(`cannot serve ${volume}`);
    this.served.push(volume);
  }
}

const text = (...volumes: string[]): string => sampleText({ g: volumes });

function write(...volumes: string[]): void {
  writeFileSync(conf, text(...volumes));
}

function start(
  source: ConfSource = fileConfSource(conf),
): Promise<INestApplicationContext> {
  logger = new RecordingLogger();
  return startApp(
    { providers: [Store] },
    { source: lastGoodConfSource(source, kept, { allowStale: true }) },
    logger,
  );
}

/** Boots once with these volumes, so that they are kept. */
async function keep(...volumes: string[]): Promise<void> {
  rmSync(join(folder, 'kept'), { recursive: true, force: true });
  mkdirSync(join(folder, 'kept'));
  write(...volumes);
  await (await start()).close();
}

const reload = (app: INestApplicationContext) =>
  app.get(ReloadService).reload();
const stale = (app: INestApplicationContext) =>
  app.get(TransitionsService).snapshot().stale;

describe('a boot whose configuration is no good', () => {
  const broken = [
    ['cannot be read', () => rmSync(conf), 'ENOENT'],
    ['cannot be parsed', () => writeFileSync(conf, '[Cluster\n'), ':1'],
    [
      'means nothing',
      () => writeFileSync(conf, '[Cluster]\nWhoAmI: A\n'),
      'FSGlobals has neither',
    ],
    ['is vetoed', () => write('vetoed'), 'no such volume, please'],
  ] as const;

  it.each(broken)(
    'since it %s goes on with the last good one, and says so',
    async (_why, breakIt, reason) => {
      await keep('a', 'b');
      breakIt();
      const app = await start();
      expect(app.get(Store).served).toEqual(['a', 'b']);
      expect(app.get(TransitionsService).isReady).toBe(true);
      const said = stale(app);
      expect(said?.errors.map(({ message }) => message).join()).toContain(
        reason,
      );
      expect(said?.origin).toContain(kept);
      expect(said?.source).toBe(`file ${conf}`);
      const { lastReport } = app.get(TransitionsService).snapshot();
      expect(lastReport).toMatchObject({ outcome: 'applied', errors: [] });
      expect(lastReport?.stale).toBe(said);
      const [line] = logger.with('stale: the configuration in force is');
      expect(line).toMatch(/^error/);
      expect(line).toContain(reason);
    },
  );

  it('says so at each reload that fails, and no longer once one is good', async () => {
    await keep('a');
    writeFileSync(conf, '[Cluster\n');
    const app = await start();
    const said = stale(app);
    const refused = await reload(app);
    expect(refused.outcome).toBe('rejected');
    expect(refused.stale).toBe(said);
    expect(logger.with('stale:')).toHaveLength(2);
    write('a', 'b');
    const healed = await reload(app);
    expect([healed.outcome, healed.stale]).toEqual(['applied', undefined]);
    expect(stale(app)).toBeUndefined();
    expect(app.get(Store).served).toEqual(['a', 'b']);
    expect(logger.with('stale:')).toHaveLength(2);
  });

  it('is stale no longer when the source has the very same as the last good one', async () => {
    await keep('a');
    rmSync(conf);
    const app = await start();
    expect(stale(app)).toBeDefined();
    write('a');
    const healed = await reload(app);
    expect([healed.outcome, healed.stale]).toEqual(['unchanged', undefined]);
    expect(stale(app)).toBeUndefined();
  });

  it('is healed when a watched file, or one that it includes, is mended', async () => {
    await keep('a');
    const included = join(folder, 'more.conf');
    writeFileSync(conf, '.include ./more.conf\n');
    writeFileSync(included, '[Cluster\n');
    const watch = { debounce: 10, poll: 50 };
    const app = await start(fileConfSource(conf, { watch }));
    expect(stale(app)).toBeDefined();
    writeFileSync(included, text('a', 'b'));
    await expect.poll(() => app.get(Store).served).toEqual(['a', 'b']);
    await expect.poll(() => stale(app)).toBeUndefined();
  });

  it('as plain data tells why, in snapshot and report', async () => {
    await keep('a');
    rmSync(conf);
    const app = await start();
    const json = JSON.parse(
      JSON.stringify(app.get(TransitionsService).snapshot()),
    ) as { stale: unknown; lastReport: { stale: unknown } };
    expect(json.stale).toMatchObject({
      source: `file ${conf}`,
      errors: [{ code: 'TRANSITIONS_CONFIGURATION_LOAD' }],
    });
    expect(json.lastReport.stale).toEqual(json.stale);
  });

  it('fails with all reasons where nothing was kept', async () => {
    await keep('a');
    rmSync(kept);
    write('vetoed');
    await expect(start()).rejects.toThrow(
      /no such volume, please[^]*There is no last good configuration yet/,
    );
  });

  it('fails with all reasons where the last good one is refused too', async () => {
    await keep('a');
    // As after an update of the service that is stricter.
    Store.vetoesAll = true;
    try {
      writeFileSync(conf, '[Cluster\n');
      await expect(start()).rejects.toThrow(/service\.conf:1[^]*strict/);
    } finally {
      Store.vetoesAll = false;
    }
  });

  it('fails with all reasons where a callback fails with the last good one', async () => {
    await keep('a');
    rmSync(conf);
    Store.refuses = 'a';
    try {
      await expect(start()).rejects.toThrow(/cannot serve a[^]*ENOENT/);
    } finally {
      Store.refuses = undefined;
    }
  });

  it('does not fall back where a callback fails with a good one', async () => {
    await keep('a');
    write('b');
    Store.refuses = 'b';
    try {
      await expect(start()).rejects.toThrow('cannot serve b');
    } finally {
      Store.refuses = undefined;
    }
  });
});

describe('the file of the last good configuration', () => {
  it('has what came into force last, whoever gave it, for its owner alone', async () => {
    await keep('a');
    const app = await start();
    const file = () => readFileSync(kept, 'utf8');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    write('b');
    await reload(app);
    expect(ConfMap.parse(file()).toObject()).toEqual(
      ConfMap.parse(text('b')).toObject(),
    );
    write('vetoed');
    await reload(app);
    expect(file()).toContain('VolumeList:    b\n');
    await app.get(TransitionsService).signaled(ConfMap.parse(text('c')));
    expect(file()).toContain('VolumeList:    c\n');
    expect(readdirSync(join(folder, 'kept'))).toEqual(['last-good.conf']);
  });

  it('keeps groups, volumes and sections in the order of the configuration', async () => {
    const order = ['Volume:z', 'Volume:a'];
    await keep('z', 'a');
    writeFileSync(
      conf,
      `[Volume:z]\nX: 1\n[Volume:a]\nX: 1\n${text('z', 'a')}`,
    );
    await (await start()).close();
    const sections = ConfMap.parse(readFileSync(kept, 'utf8')).sections();
    expect(sections.filter((name) => order.includes(name))).toEqual(order);
    rmSync(conf);
    expect((await start()).get(Store).served).toEqual(['z', 'a']);
  });

  it('is not written again for a configuration that it has', async () => {
    await keep('a');
    const app = await start();
    const { ino } = statSync(kept);
    await reload(app);
    expect(statSync(kept).ino).toBe(ino);
    rmSync(kept);
    await reload(app);
    expect(readFileSync(kept, 'utf8')).toContain('VolumeList:    a\n');
  });

  it.each([
    ['empty', () => ''],
    ['cut off in its first line', (whole: string) => whole.slice(0, 20)],
    ['cut off', (whole: string) => whole.slice(0, whole.length / 2)],
    ['without its last byte', (whole: string) => whole.slice(0, -1)],
    ['with a byte more', (whole: string) => `${whole}\n`],
    ['with another volume', (whole: string) => whole.replace(' a\n', ' b\n')],
    ['with another time', (whole: string) => whole.replace(':"2', ':"1')],
    [
      'without the line with its checksum',
      (whole: string) => whole.replace(/; sha256.*\n$/, ''),
    ],
  ])('is not used when it is %s', async (_how, damage) => {
    await keep('a');
    const whole = readFileSync(kept, 'utf8');
    expect(damage(whole)).not.toBe(whole);
    writeFileSync(kept, damage(whole));
    rmSync(conf);
    await expect(start()).rejects.toThrow(
      /ENOENT[^]*(damaged or cut off|is missing, or empty|is no file that)/,
    );
  });

  it('is replaced when it is damaged and the source is good', async () => {
    await keep('a');
    writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, -9));
    await (await start()).close();
    rmSync(conf);
    expect((await start()).get(Store).served).toEqual(['a']);
  });

  it('of another peer is neither used nor replaced', async () => {
    await keep('a');
    const before = readFileSync(kept, 'utf8');
    const asB = fileConfSource(conf, { overrides: ['Cluster.WhoAmI=B'] });
    writeFileSync(conf, '[Cluster\n');
    await expect(start(asB)).rejects.toThrow(
      /service\.conf:1[^]*has the last good configuration of peer A, and this is B/,
    );
    write('vetoed');
    await expect(start(asB)).rejects.toThrow('of peer A, and this is B');
    // Also where only the file itself says who this peer is.
    writeFileSync(conf, text('vetoed').replace('WhoAmI: A', 'WhoAmI: B'));
    await expect(start()).rejects.toThrow('of peer A, and this is B');
    write('a');
    const app = await start(asB);
    expect(app.get(TransitionsService).snapshot().whoAmI).toBe('B');
    expect(logger.with('of peer A, and this is B')).toHaveLength(1);
    expect(readFileSync(kept, 'utf8')).toBe(before);
  });

  it('is never written over something else', async () => {
    await keep('a');
    write('a');
    const source = lastGoodConfSource(fileConfSource(conf), conf, {
      allowStale: true,
    });
    const app = await startApp({}, { source }, logger);
    expect(readFileSync(conf, 'utf8')).toBe(text('a'));
    expect(app.get(TransitionsService).snapshot().lastReport).toMatchObject({
      outcome: 'applied',
      warnings: [{ message: expect.stringContaining('is left alone') }],
    });
  });

  it('that cannot be written is told, and fails nothing', async () => {
    await keep('a');
    rmSync(join(folder, 'kept'), { recursive: true });
    const app = await start();
    const { lastReport } = app.get(TransitionsService).snapshot();
    expect(lastReport?.outcome).toBe('applied');
    const [warning] = lastReport?.warnings ?? [];
    expect(warning?.message).toMatch(
      /could not be kept as the last good one in .*ENOENT/,
    );
    expect(logger.with('could not be kept')[0]).toMatch(/^warn/);
  });

  it('is written afresh after a crash half-way', async () => {
    await keep('a');
    const leftover = join(folder, 'kept', '.last-good.conf.1.new');
    writeFileSync(leftover, 'half');
    await (await start()).close();
    write('b');
    await (await start()).close();
    expect(readdirSync(join(folder, 'kept'))).toEqual(['last-good.conf']);
  });
});

describe('lastGoodConfSource', () => {
  it('without leases is refused when the module is created, unless stale is allowed', async () => {
    write('a');
    const source = lastGoodConfSource(fileConfSource(conf), kept);
    await expect(startApp({}, { source })).rejects.toThrow(
      /needs serving leases: without them, another peer may serve these volumes[^]*allowStale: true/,
    );
  });

  it('refuses what makes no sense, by name', () => {
    expect(() =>
      lastGoodConfSource({} as ConfSource, '', { alowStale: true } as object),
    ).toThrow(
      /expected a ConfSource[^]*expected the path[^]*did you mean allowStale/,
    );
  });

  it('passes on the application’s ConfigService, and the changes of its source', async () => {
    const { ConfigModule, ConfigService } = await import('@nestjs/config');
    await keep('a');
    const source = lastGoodConfSource(configServiceConfSource('conf'), kept, {
      allowStale: true,
    });
    const app = await startApp(
      {
        imports: [
          ConfigModule.forRoot({ load: [() => ({ conf: text('a') })] }),
        ],
        providers: [Store],
      },
      { source },
    );
    app.get(ConfigService, { strict: false }).set('conf', text('a', 'b'));
    await expect.poll(() => app.get(Store).served).toEqual(['a', 'b']);
  });
});
