import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfError, ConfMap, type ConfObject } from './index.js';

// A short run tries a fifth of them.
const long = process.env['TRANSITIONS_TEST_LONG'] === '1';
const runs = (all: number): number => (long ? 5 * all : all / 5);

const sectionCharacters = '0123AZaz_-/:.'.split('');
const optionCharacters = '0123AZaz_*-/.[]'.split('');
const valueCharacters = '019AZaz_=*-+/:.[]"{}\\u0020C2 ,$'.split('');

const word = (unit: string[], maxLength = 12): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: 1, maxLength });

const tricky = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '1',
  '0',
);
const sectionName = fc.oneof(word(sectionCharacters), tricky);
const optionName = fc
  .oneof(word(optionCharacters), tricky)
  .filter((name) => !name.startsWith('['));

function writable(value: string): boolean {
  try {
    ConfMap.fromObject({ s: { o: value } });
    return true;
  } catch {
    return false;
  }
}

const value = word(valueCharacters, 20).filter(writable);

/**
 * A map as Object.fromEntries makes it, so that `__proto__` is a name like
 * others.
 */
const object: fc.Arbitrary<ConfObject> = fc
  .uniqueArray(
    fc.tuple(
      sectionName,
      fc
        .uniqueArray(fc.tuple(optionName, fc.array(value, { maxLength: 4 })), {
          selector: ([name]) => name,
          minLength: 1,
          maxLength: 6,
        })
        .map((options): Record<string, string[]> =>
          Object.fromEntries(options),
        ),
    ),
    { selector: ([name]) => name, maxLength: 8 },
  )
  .map((sections) => Object.fromEntries(sections));

const maybeBlank = fc.constantFrom('', ' ', '\t');
const comment = fc.constantFrom('', ' # comment = x, [y]', ';;', '\t#ü');
const newline = fc.constantFrom('\n', '\n\n', '\r\n', '\n# c\n', '\n \t\n');

/** Texts of all shapes that the format has. */
const text = fc
  .array(
    fc.oneof(
      fc
        .tuple(maybeBlank, word('abAB'.split(''), 1), comment, newline)
        .map(([b, name, c, nl]) => `${b}[${name}]${c}${nl}`),
      fc
        .tuple(
          maybeBlank,
          word('xyz'.split(''), 1),
          maybeBlank,
          fc.constantFrom(':', '='),
          maybeBlank,
          fc.array(fc.constantFrom('1', 'a=b', '"q"', '\\u0020', '*', 'v$'), {
            maxLength: 4,
          }),
          fc.constantFrom(' ', ',', ' , ', ',\t'),
          comment,
          newline,
        )
        .map(
          ([b, name, b2, sign, b3, values, separator, c, nl]) =>
            `${b}${name}${b2}${sign}${b3}${values.join(separator)}${c}${nl}`,
        ),
    ),
    { maxLength: 12 },
  )
  .map((lines) => `[A]\n${lines.join('')}`);

const mutated = fc
  .tuple(
    text,
    fc.nat(),
    fc.nat(6),
    fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom(
        '[',
        ']',
        '\0',
        '\r',
        '\n',
        '\uFEFF',
        ',',
        '$',
        ':',
        '.include x',
        '#',
      ),
    ),
  )
  .map(([base, at, length, inserted]) => {
    const start = at % (base.length + 1);
    return base.slice(0, start) + inserted + base.slice(start + length);
  });

/** A map or a ConfError; anything else that is thrown fails the test. */
function attempt(source: string): ConfMap | ConfError {
  try {
    return ConfMap.parse(source, { path: 'm.conf' });
  } catch (error) {
    if (error instanceof ConfError) return error;
    throw error;
  }
}

describe('laws over all inputs', () => {
  it('I8 a map that is dumped and parsed is the same map', () => {
    fc.assert(
      fc.property(object, (content) => {
        const map = ConfMap.fromObject(content);
        const dumped = map.dump();
        const again = ConfMap.parse(dumped);
        expect(again.toObject()).toEqual(content);
        expect(again.equals(map)).toBe(true);
        expect(again.dump()).toBe(dumped);
        expect(again.warnings).toEqual([]);
        const inPieces = [...map.dumpInPieces()].join('');
        expect(ConfMap.parse(inPieces).toObject()).toEqual(content);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('I8 a text that is parsed, dumped and parsed has the same content', () => {
    fc.assert(
      fc.property(text, (source) => {
        const map = ConfMap.parse(source);
        expect(ConfMap.parse(map.dump()).equals(map)).toBe(true);
      }),
      { numRuns: runs(2000) },
    );
  });

  it('I8 a mutated text gives a map or a ConfError with a place, and nothing else', () => {
    const keys = Object.getOwnPropertyNames(Object.prototype);
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(mutated, (source) => {
        const result = attempt(source);
        if (result instanceof ConfMap) {
          accepted++;
          return ConfMap.parse(result.dump()).equals(result);
        }
        refused++;
        const last = source.split('\n').length;
        for (const { path, line } of result.problems) {
          expect(path).toBe('m.conf');
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(last);
        }
        expect(result.message).not.toMatch(
          /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
        );
        return true;
      }),
      { numRuns: runs(10_000) },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(keys);
    expect(accepted).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(500);
  });

  it('F16 values agree with a tokenizer of few lines', () => {
    const line = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '\t', ','),
      maxLength: 12,
    });
    fc.assert(
      fc.property(line, (list) => {
        const trimmed = list.replace(/^[ \t]+|[ \t]+$/g, '');
        const cells = trimmed
          .split(',')
          .map((cell) => cell.split(/[ \t]+/).filter((v) => v !== ''));
        const valid = trimmed === '' || cells.every((cell) => cell.length > 0);
        const result = attempt(`[S]\no=${list}\n`);
        const got =
          result instanceof ConfMap ? result.getStrings('S', 'o') : undefined;
        expect(got).toEqual(valid ? cells.flat() : undefined);
      }),
      { numRuns: runs(3000) },
    );
  });

  it('F14 every name and value is found in the text it came from', () => {
    fc.assert(
      fc.property(mutated, (source) => {
        let map: ConfMap;
        try {
          map = ConfMap.parse(source);
        } catch {
          return;
        }
        for (const section of map.sections()) {
          expect(source).toContain(`[${section}]`);
          for (const option of map.options(section))
            expect(source).toContain(option);
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  it('options that are picked are those that are asked for, and the others are all others', () => {
    fc.assert(
      fc.property(
        text,
        object,
        fc.subarray(['x', 'y', 'z', 'xx', '']),
        (source, content, known) => {
          const edited = ConfMap.parse(source).withOverrides(['A.x=', 'B.w=1']);
          for (const map of [
            ConfMap.parse(source),
            ConfMap.fromObject(content),
            edited,
          ]) {
            for (const name of map.sections()) {
              const section = map.section(name)!;
              expect(section.pick(known)).toEqual({
                values: known.map((option) => section.get(option)),
                others: section
                  .options()
                  .filter((option) => !known.includes(option)),
              });
            }
          }
        },
      ),
    );
  });

  it('parsing with a previous map changes nothing but identities', () => {
    fc.assert(
      fc.property(text, mutated, (one, other) => {
        const previous = ConfMap.parse(one);
        const read = (options: { previous?: ConfMap }): unknown => {
          try {
            const map = ConfMap.parse(other, options);
            const places = map
              .sections()
              .map((section) => [
                section,
                map.locate(section),
                map
                  .options(section)
                  .map((option) => [
                    option,
                    map.locate(section, option),
                    map.getStrings(section, option),
                  ]),
              ]);
            return { places, warnings: map.warnings };
          } catch (error) {
            return (error as ConfError).message;
          }
        };
        expect(read({ previous })).toEqual(read({}));
        for (const next of [one, `${one}${other}`, `${other}\n${one}`]) {
          let fresh: ConfMap;
          try {
            fresh = ConfMap.parse(next);
          } catch {
            continue;
          }
          const shared = ConfMap.parse(next, { previous });
          expect(shared.toObject()).toEqual(fresh.toObject());
          expect(shared.warnings).toEqual(fresh.warnings);
          expect(shared.sections()).toEqual(fresh.sections());
        }
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe('F12 time grows with the length and no faster', () => {
  /**
   * Milliseconds of the processor, which tests beside this one do not lengthen;
   * the least of a few runs, because collecting garbage does.
   */
  const shortest = (run: () => void): number => {
    const times = Array.from({ length: 5 }, () => {
      const start = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    });
    return Math.min(...times);
  };
  /**
   * How often the time of an eighth fits into that of the whole: 8 times where it
   * grows with the length, and 64 times where it grows with its square.
   */
  const most = 24;
  const shapes: [string, (n: number) => string][] = [
    ['dots and colons', (n) => `${'.:'.repeat(n)}!`],
    ['colons', (n) => ':'.repeat(n)],
    ['names and dots', (n) => 'a.'.repeat(n)],
    ['values, blanks and commas', (n) => `a=${'b , '.repeat(n)}`],
    ['dollars and signs', (n) => `a=b${'$='.repeat(n)}!`],
    ['blanks', (n) => `a=${' \t'.repeat(n)}!`],
    ['brackets', (n) => '['.repeat(n)],
    ['includes', (n) => `.include ${'a '.repeat(n)}`],
    ['comments', (n) => `a=b ${'#;'.repeat(n)}`],
    ['escapes', (n) => `a=${'\\u0020'.repeat(n)}`],
  ];

  it.each(shapes)('%s in one line', (_, shape) => {
    const time = (n: number): number => {
      const source = `[S]\n${shape(n)}\n`;
      return shortest(() => attempt(source));
    };
    time(100_000);
    const small = time(100_000);
    expect(time(800_000)).toBeLessThan(most * small + 5);
  });

  const manyOptions = (n: number, section: string): string =>
    Array.from({ length: n }, (_, i) => section.replaceAll('#', `${i}`)).join(
      '',
    );
  const withManyOverrides = (n: number): ConfMap =>
    ConfMap.parse('[S]\nx=1\n').withOverrides(
      Array.from({ length: n }, (_, i) => `S.option${i}=1`),
    );

  it.each([
    ['overrides', withManyOverrides],
    [
      'a long section',
      (n: number) => ConfMap.parse(`[S]\n${manyOptions(n, 'o#=1\n')}`),
    ],
    [
      'a section that stands in many places',
      (n: number) => ConfMap.parse(manyOptions(n, '[S]\no#=1\n')),
    ],
    [
      'two sections by turns',
      (n: number) => {
        const options = manyOptions(n, 'o#=1\n');
        return ConfMap.parse(`[S]\n${options}[T]\n${options}`);
      },
    ],
  ])('locating every option of %s [F118]', (_, mapOf) => {
    let located = 0;
    const time = (n: number): number =>
      shortest(() => {
        const map = mapOf(n);
        for (const option of map.options('S')) {
          map.locate('T', option);
          if (map.locate('S', option) !== undefined) located++;
        }
      });
    time(1000);
    const small = time(1000);
    expect(time(8000)).toBeLessThan(most * small + 10);
    expect(located).toBeGreaterThanOrEqual(5 * 10_000);
  });

  it('overrides and durations', () => {
    const map = ConfMap.fromObject({ S: { x: '1' } });
    const time = (n: number): number =>
      shortest(() => {
        for (const [, shape] of shapes) {
          expect(() => map.withOverrides([`${shape(n)}!`])).toThrow(ConfError);
        }
        const duration = ConfMap.fromObject({ S: { d: '1'.repeat(n) } });
        expect(() => duration.getDuration('S', 'd')).toThrow(ConfError);
      });
    time(20_000);
    const small = time(25_000);
    expect(time(200_000)).toBeLessThan(most * small + 10);
  });
});
