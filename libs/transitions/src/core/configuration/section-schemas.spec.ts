import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../ports/system-clock.js';
import { checkConfiguration, type Configuration } from './configuration.js';
import { SectionSchemas } from './section-schemas.js';
import type { SchemasBySection } from './schema-table.js';

type Validate = StandardSchemaV1.Props['validate'];

function schemaOf(validate: Validate): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

/** A schema that notes what it is given. */
function noting(seen: unknown[]): StandardSchemaV1 {
  return schemaOf((value) => {
    seen.push(value);
    return { value };
  });
}

const head = `[Cluster]
WhoAmI: A
[FSGlobals]
VolumeGroupList: g
[VolumeGroup:g]
PrimaryPeer: A
`;

function configurationOf(
  text: string,
  before?: Configuration,
  volumes = '',
): Configuration {
  const whole = `${head}VolumeList: ${volumes}\n${text}`;
  const confMap = ConfMap.parse(whole, {
    path: 'x.conf',
    ...(before && { previous: before.loaded }),
  });
  return checkConfiguration(confMap, 1, before);
}

const { signal } = new AbortController();
const limits = { clock: systemClock, timeLimit: 60_000, signal };

function check(
  schemas: SchemasBySection | SectionSchemas,
  configuration: Configuration,
  before?: Configuration,
) {
  const given =
    schemas instanceof SectionSchemas ? schemas : new SectionSchemas(schemas);
  return given.check(configuration, before, limits);
}

async function messages(
  ...args: Parameters<typeof check>
): Promise<readonly string[]> {
  const problems = await check(...args);
  return problems.map(
    ({ path, line, message }) => `${path}:${line}: ${message}`,
  );
}

describe('a schema is given', () => {
  it('a plain record: one value as a string, several or none as a list', async () => {
    const seen: unknown[] = [];
    const text = '[Own]\na: 1\nb: 1, 2\nc:\n__proto__: x\n';
    await check({ Own: noting(seen) }, configurationOf(text));
    expect(seen).toEqual([
      Object.fromEntries([
        ['a', '1'],
        ['b', ['1', '2']],
        ['c', []],
        ['__proto__', 'x'],
      ]),
    ]);
  });

  it('each section by its whole name, or else by the longest beginning', async () => {
    const seen: Record<string, unknown[]> = { one: [], v: [], vp: [], all: [] };
    const text = ['one', 'p1', 'other']
      .map((name) => `[Volume:${name}]\nname: ${name}\n`)
      .join('');
    await check(
      {
        '*': noting(seen['all']!),
        'Volume:*': noting(seen['v']!),
        'Volume:p*': noting(seen['vp']!),
        'Volume:one': noting(seen['one']!),
      },
      configurationOf(text),
    );
    expect([seen['one'], seen['v'], seen['vp']]).toEqual([
      [{ name: 'one' }],
      [{ name: 'other' }],
      [{ name: 'p1' }],
    ]);
    expect(seen['all']).toHaveLength(3);
  });

  it('a section of its own that is not there, and that of a volume that has none, without options', async () => {
    const seen: unknown[] = [];
    const schemas = new SectionSchemas({
      Own: noting(seen),
      'Volume:*': noting(seen),
    });
    const configuration = configurationOf('', undefined, 'v');
    expect(await check(schemas, configuration)).toEqual([]);
    expect(seen).toEqual([{}, {}]);
    for (const name of ['Own', 'Volume:v']) {
      expect(schemas.optionsOf(configuration.confMap, name)).toEqual({});
    }
  });
});

describe('what a schema refuses is a problem', () => {
  const refusing = (
    ...issues: readonly (StandardSchemaV1.Issue & { keys?: string[] })[]
  ): StandardSchemaV1 => schemaOf(() => ({ issues }));

  it('at the line of its option, at its value, or at its section', async () => {
    const schema = refusing(
      { message: 'bad', path: ['a'] },
      { message: 'worse', path: [{ key: 'b' }, 1] },
      { message: 'not there', path: ['c'] },
      { message: 'as a whole' },
    );
    const text = '[Own]\na: 1\nb: 1, 2\n';
    expect(await messages({ Own: schema }, configurationOf(text))).toEqual([
      'x.conf:9: Own.a: bad',
      'x.conf:10: Own.b[1]: worse',
      'x.conf:8: Own.c: not there',
      'x.conf:8: [Own]: as a whole',
    ]);
  });

  it('at each unknown option that it names without a path', async () => {
    const schema = refusing({ message: 'unknown', keys: ['a', 'b', 'gone'] });
    const text = '[Own]\na: 1\nb: 2\n';
    expect(await messages({ Own: schema }, configurationOf(text))).toEqual([
      'x.conf:9: Own.a: unknown',
      'x.conf:10: Own.b: unknown',
    ]);
  });

  it('with what is nearly the missing option', async () => {
    const schema = refusing({ message: 'required', path: ['DataRoot'] });
    const text = '[Own]\nDataRot: x\n';
    expect(await messages({ Own: schema }, configurationOf(text))).toEqual([
      'x.conf:8: Own.DataRoot: required; is it DataRot, misspelt?',
    ]);
  });

  it('where there is no section: at the list with the volume', async () => {
    const schema = refusing({ message: 'required', path: ['Path'] });
    expect(
      await messages(
        { 'Volume:*': schema },
        configurationOf('', undefined, 'v'),
      ),
    ).toEqual([
      'x.conf:7: Volume:v.Path: required; there is no section [Volume:v]',
    ]);
  });

  it('if it throws, or rejects', async () => {
    const throws = schemaOf(() => {
      throw new Error('broken');
    });
    const rejects = schemaOf(() => Promise.reject(new Error('gone')));
    expect(
      await messages(
        { A: throws, B: rejects },
        configurationOf('[A]\nx: 1\n[B]\nx: 1\n'),
      ),
    ).toEqual([
      'x.conf:8: [A]: its schema failed: broken',
      'x.conf:10: [B]: its schema failed: gone',
    ]);
  });
});

describe('an asynchronous schema', () => {
  const many = Array.from(
    { length: 500 },
    (_, index) => `[S:${index}]\nx: ${index}\n`,
  ).join('');

  it('checks some sections at a time', async () => {
    let running = 0;
    let most = 0;
    const schema = schemaOf(async (value) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      running--;
      return { value };
    });
    const schemas = new SectionSchemas({ 'S:*': schema });
    const configuration = configurationOf(many);
    expect(await check(schemas, configuration)).toEqual([]);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(100);
    expect(schemas.optionsOf(configuration.confMap, 'S:499')).toEqual({
      x: '499',
    });
  });

  it('that does not settle is a problem once the time is up', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const schema = schemaOf(() => new Promise(() => {}));
    const checking = check({ Own: schema }, configurationOf('[Own]\nx: 1\n'));
    await vi.advanceTimersByTimeAsync(limits.timeLimit);
    expect(await checking).toMatchObject([
      {
        message:
          '[Own]: its schema did not settle within 60000 ms (callbackTimeout)',
        line: 8,
      },
    ]);
  });

  it('is not waited for once nobody waits any more', async () => {
    const controller = new AbortController();
    const schema = schemaOf(() => new Promise(() => {}));
    const checking = new SectionSchemas({ Own: schema }).check(
      configurationOf('[Own]\nx: 1\n'),
      undefined,
      { ...limits, signal: controller.signal },
    );
    const cause = new Error('a Down came');
    setImmediate(() => controller.abort(cause));
    await expect(checking).rejects.toBe(cause);
  });
});

describe('of a changed configuration', () => {
  const sections = (changes: Readonly<Record<number, string>> = {}): string =>
    Array.from(
      { length: 300 },
      (_, index) => `[S:${index}]\nx: ${changes[index] ?? index}\n`,
    ).join('');

  it('only the sections that changed are checked, wherever the others stand', async () => {
    const seen: unknown[] = [];
    const schemas = new SectionSchemas({ 'S:*': noting(seen) });
    const before = configurationOf(sections());
    await check(schemas, before);
    expect(seen.splice(0)).toHaveLength(300);
    const text = `[S:new]\nx: new\n${sections({ 7: 'other' }).replace('[S:100]\nx: 100\n', '')}`;
    const after = configurationOf(text, before);
    expect(await check(schemas, after, before)).toEqual([]);
    expect(seen).toEqual([{ x: 'new' }, { x: 'other' }]);
    const options = (name: string): unknown =>
      schemas.optionsOf(after.confMap, name);
    expect(options('S:7')).toEqual({ x: 'other' });
    expect(options('S:299')).toBe(schemas.optionsOf(before.confMap, 'S:299'));
    expect(() => options('S:100')).toThrow('the configuration lacks it');
  });

  it('nothing is checked if it is the same', async () => {
    const seen: unknown[] = [];
    const schemas = new SectionSchemas({
      'S:*': noting(seen),
      Own: noting([]),
    });
    const before = configurationOf(sections());
    await check(schemas, before);
    seen.length = 0;
    await check(schemas, configurationOf(sections(), before), before);
    expect(seen).toEqual([]);
  });

  it('what was refused is checked again', async () => {
    let refuses = true;
    const schema = schemaOf((value) =>
      refuses ? { issues: [{ message: 'no' }] } : { value },
    );
    const schemas = new SectionSchemas({ Own: schema });
    const configuration = configurationOf('[Own]\nx: 1\n');
    expect(await check(schemas, configuration)).toHaveLength(1);
    refuses = false;
    expect(await check(schemas, configuration)).toEqual([]);
  });
});

describe('options that are not to be had', () => {
  it('are refused with the reason', async () => {
    const schema = noting([]);
    const schemas = new SectionSchemas({ Own: schema, 'S:*': noting([]) });
    const { confMap } = configurationOf('[Own]\nx: 1\n');
    const options = (...args: [string, StandardSchemaV1?]) =>
      schemas.optionsOf(confMap, ...args);
    expect(() => options('Own')).toThrow('was not checked by the module');
    await check(schemas, configurationOf('[Own]\nx: 1\n'));
    expect(() => options('Other')).toThrow('no schema is given for it');
    expect(() => options('Own', noting([]))).toThrow('has another schema');
  });
});

it('the event loop has its turns while many sections are checked', async () => {
  let yields = 0;
  let time = 0;
  const slow = schemaOf((value) => {
    time += 1;
    return { value };
  });
  const text = Array.from(
    { length: 1000 },
    (_, index) => `[S:${index}]\nx: 1\n`,
  ).join('');
  await new SectionSchemas({ 'S:*': slow }).check(
    configurationOf(text),
    undefined,
    {
      clock: {
        now: () => time,
        tick: () => time,
        startTimer: () => () => {},
        yieldTo: (callback) => {
          yields++;
          queueMicrotask(callback);
        },
      },
      timeLimit: 60_000,
      signal,
    },
  );
  // One after 8 ms, and after the sections that are checked between two looks.
  expect(yields).toBeGreaterThanOrEqual(1000 / (8 + 2 * 16));
});
