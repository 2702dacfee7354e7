import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfMap } from './index.js';

const numRuns = process.env['TRANSITIONS_TEST_LONG'] === '1' ? 5_000 : 150;

/** The lines of a section that is named after its place at first. */
const section = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 0, max: 900 }),
    fc.boolean(),
  )
  .map(([count, padding, repeats]) =>
    [
      ...Array.from({ length: count }, (_, j) => `option${j}: a, ${count}`),
      `# ${'.'.repeat(padding)}`,
      ...(repeats ? ['option0: again'] : []),
      '',
    ].join('\n'),
  );

type Named = readonly (readonly [name: string, lines: string])[];

/** So many sections that they are in several stretches. */
const sections: fc.Arbitrary<Named> = fc
  .array(section, { minLength: 20, maxLength: 50 })
  .map((all) => all.map((lines, i) => [`Section:${i}`, lines] as const));

const edit = fc.record({
  at: fc.nat(50),
  gone: fc.nat(2),
  put: fc.array(
    fc.tuple(
      fc.nat(55).map((i) => `Section:${i}`),
      fc.oneof(section, fc.constant('option0: b\n'), fc.constant('')),
    ),
    { maxLength: 2 },
  ),
});

/** How a map is made of a text. */
const maker = fc.constantFrom<(text: string) => ConfMap>(
  (text) => ConfMap.parse(text, { path: 'a.conf' }),
  (text) => ConfMap.parse(`# moved\n${text}`, { path: 'a.conf' }),
  (text) => ConfMap.parse(text).withOverrides(['Section:1.option0=over']),
  (text) =>
    ConfMap.parse(text).withOverrides(['New.x=1', 'Section:2.option0=a, 1']),
  (text) => ConfMap.fromObject(ConfMap.parse(text).toObject()),
  (text) =>
    ConfMap.edit(ConfMap.parse(text))
      .delete('Section:3')
      .set('Section:4', 'option0', ['edited'])
      .build(),
);

const textOf = (named: Named): string =>
  named.map(([name, lines]) => `[${name}]\n${lines}`).join('');

/** Everything that can be asked of a map. */
function answersOf(map: ConfMap): unknown {
  const { warnings, files } = map;
  const all = map.sections().map((name, place) => ({
    name,
    at: map.at(place) === map.section(name) && map.indexOf(name) === place,
    origin: map.locate(name),
    options: map
      .options(name)
      .map((option) => [
        option,
        map.section(name)?.get(option),
        map.locate(name, option),
      ]),
  }));
  return { all, warnings, files, dump: map.dump() };
}

function saidBy(map: ConfMap, name: string): string | undefined {
  const found = map.section(name);
  return found && JSON.stringify(found.options().map((o) => [o, found.get(o)]));
}

const sharedBy = (one: ConfMap, other: ConfMap): string[] =>
  one.sections().filter((name) => one.section(name) === other.section(name));

const alikeIn = (one: ConfMap, other: ConfMap): string[] =>
  one.sections().filter((name) => saidBy(one, name) === saidBy(other, name));

describe('a map that reuses another one', () => {
  it('differs from the map given in nothing but identities, which are those of the other exactly where a section says the same', () => {
    fc.assert(
      fc.property(
        sections,
        fc.array(edit, { maxLength: 3 }),
        maker,
        maker,
        (first, edits, makePrevious, makeGiven) => {
          const previous = makePrevious(textOf(first));
          const next = edits.reduce<Named>(
            (items, { at, gone, put }) => items.toSpliced(at, gone, ...put),
            first,
          );
          const given = makeGiven(textOf(next));
          const before = [answersOf(previous), answersOf(given)];
          const reused = given.reuse(previous);
          expect(answersOf(reused)).toEqual(before[1]);
          expect([answersOf(previous), answersOf(given)]).toEqual(before);
          expect(sharedBy(reused, previous)).toEqual(alikeIn(reused, previous));
          expect(reused.equals(given)).toBe(true);
          expect(reused.reuse(previous)).toBe(reused);
        },
      ),
      { numRuns },
    );
  });

  it('is what it would be if it had been parsed with the other one', () => {
    fc.assert(
      fc.property(
        sections,
        fc.array(edit, { maxLength: 3 }),
        (first, edits) => {
          const previous = ConfMap.parse(textOf(first));
          const text = textOf(
            edits.reduce<Named>(
              (items, { at, gone, put }) => items.toSpliced(at, gone, ...put),
              first,
            ),
          );
          const reused = ConfMap.parse(text).reuse(previous);
          const shared = sharedBy(reused, previous);
          const parsed = ConfMap.parse(text, { previous });
          expect(answersOf(reused)).toEqual(answersOf(parsed));
          expect(sharedBy(parsed, previous)).toEqual(shared);
        },
      ),
    );
  });

  it('is the other map itself where that was made in the same way', () => {
    fc.assert(
      fc.property(sections, maker, (all, make) => {
        const previous = make(textOf(all));
        expect(make(textOf(all)).reuse(previous)).toBe(previous);
      }),
    );
  });

  it('is the map given where nothing is the same, and where all is shared already', () => {
    const map = ConfMap.parse('[A]\nx=1\n[B]\ny=2\n');
    for (const text of ['[A]\nx=2\n', '']) {
      const other = ConfMap.parse(text);
      expect(other.reuse(map)).toBe(other);
    }
    const derived = ConfMap.parse('[A]\nx=1\n', { previous: map });
    expect(derived.reuse(map)).toBe(derived);
    const changed = map.withOverrides(['A.x=2']);
    expect(changed.reuse(map)).toBe(changed);
  });

  it('is a previous map for the text that it was read from', () => {
    fc.assert(
      fc.property(
        sections,
        fc.array(edit, { maxLength: 3 }),
        (first, edits) => {
          const previous = ConfMap.parse(textOf(first));
          const text = textOf(
            edits.reduce<Named>(
              (items, { at, gone, put }) => items.toSpliced(at, gone, ...put),
              first,
            ),
          );
          const reused = ConfMap.parse(text).reuse(previous);
          expect(ConfMap.parse(text, { previous: reused })).toBe(reused);
          const longer = `${text}[Last]\nx=1\n`;
          const next = ConfMap.parse(longer, { previous: reused });
          expect(answersOf(next)).toEqual(answersOf(ConfMap.parse(longer)));
          expect(sharedBy(next, reused)).toEqual(alikeIn(next, reused));
        },
      ),
    );
  });

  it('yields every few hundred sections while it is made', () => {
    const count = 10_000;
    const text = (n: number): string =>
      Array.from({ length: count }, (_, i) => `[S${i}]\nx=${n}\n`).join('');
    const cutOtherwise = `[First]\nx=1\n${text(1)}`;
    const object = ConfMap.parse(text(1)).toObject();
    const previous = ConfMap.parse(text(1));
    for (const given of [
      ConfMap.parse(text(1)),
      ConfMap.parse(text(2)),
      ConfMap.parse(cutOtherwise),
      ConfMap.fromObject(object),
    ]) {
      let yields = 0;
      const work = given.reusing(previous);
      while (work.next().done !== true) yields++;
      expect(yields).toBeGreaterThan(count / 1000);
    }
  });
});

describe('no text stays in memory but that of maps in use', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const count = 5000;
  // In the nth text the first n of every 20 sections have changed, and a new
  // first one moves the limits of all stretches.
  const text = (n: number): string =>
    `[First${n}]\nx=${'1'.repeat(50 * n)}\n${Array.from(
      { length: count },
      (_, i) => {
        const padding = `# ${i} ${'.'.repeat(180)}`;
        return `[S${i}]\nx=${i % 20 < n ? n : 0}\n${padding}\n`;
      },
    ).join('')}`;

  it('where a map is followed by one that is almost the same', () => {
    const before = heap();
    let last = ConfMap.parse(text(1));
    const grown = heap() - before;
    last = ConfMap.parse(text(2)).reuse(last);
    // If the old one stayed, that would be twice as much.
    expect(heap() - before).toBeLessThan(1.5 * grown);
    expect(last.size).toBe(count + 1);
  });

  it('where an old map is still in use', () => {
    const first = ConfMap.parse(text(0));
    const before = heap();
    let last = first;
    for (let n = 1; n < 20; n++) last = ConfMap.parse(text(n)).reuse(last);
    const grown = heap() - before;
    expect(sharedBy(last, first)).toHaveLength(count / 20);
    // The last map with its text, and texts of their own for the sections of the
    // first one.
    expect(grown).toBeLessThan(8 * text(0).length);
  });
});
