import { isAscii } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../problems/conf-limits.js';
import { ConfParser } from '../parsing/conf-parser.js';
import { finishLayout } from '../parsing/parse-text.js';
import { ConfSyntaxError } from '../problems/conf-error.js';
import { BytePieces } from '../text/byte-pieces.js';
import { windowOf } from '../text/byte-window.js';
import type { TextPieces } from '../text/text-pieces.js';
import { WholeText } from '../text/whole-text.js';
import type { Layout } from './layout.js';

const numRuns = process.env['TRANSITIONS_TEST_LONG'] === '1' ? 1_000 : 60;

/**
 * A text of so many sections that it has several stretches, each section as an
 * item of its own.
 */
const sections = fc
  .array(fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 900 })), {
    minLength: 20,
    maxLength: 60,
  })
  .map((shapes) =>
    shapes.map(([values, padding], i) =>
      [
        `[Section:${i}]`,
        ...Array.from({ length: values }, (_, j) => `option${j}: ${i}, ${j}`),
        `# ${'.'.repeat(padding)}`,
        `last: ${i}`,
        '',
      ].join('\n'),
    ),
  );

const oddities = fc.constantFrom(
  '[New]\nx: 1\n',
  '[Section:3]\nlast: again\n',
  '[Section:5]\nlast: 5\n',
  '[Without]\n',
  '[Twice]\nx: 1\nx: 2\n',
  'x[1]: [a bracket] in an option\n',
  '# ü€🙂\n',
  '# Ł\n',
  'more: 1\n',
  '\r\n',
);

/**
 * From where on how many sections go, and what comes instead: sections from
 * elsewhere, and an oddity.
 */
const edit = fc.record({
  at: fc.nat(60),
  gone: fc.nat(3),
  from: fc.nat(60),
  copied: fc.nat(3),
  odd: fc.option(oddities),
});

type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

function edited(items: readonly string[], change: Edit): readonly string[] {
  const { at, gone, from, copied, odd } = change;
  const copy = items.slice(from, from + copied);
  // The first one stays, so that what comes is in a section.
  const put = odd === null ? copy : [...copy, odd];
  return items.toSpliced(Math.max(1, at), gone, ...put);
}

function parse(pieces: TextPieces, budget: number, previous?: Layout): Layout {
  const parser = new ConfParser(DEFAULT_LIMITS, previous);
  parser.enter({ quotable: true, mustBeComplete: false, open: () => pieces });
  while (parser.advance(budget) !== 'done');
  return finishLayout(parser, [], previous);
}

function bytePieces(text: string, pieceLength: number): TextPieces {
  const bytes = Buffer.from(text);
  return new BytePieces(windowOf(bytes, isAscii(bytes)), pieceLength);
}

function contentOf(layout: Layout): unknown {
  const all = layout.sections.map((section) => ({
    name: section.name,
    place: layout.locate(section.name),
    found: layout.find(section.name) === section,
    options: section
      .options()
      .map((option) => [
        option,
        section.get(option),
        layout.locate(section.name, option),
      ]),
  }));
  return { all, warnings: layout.warnings };
}

/** What both have and say alike. */
function alike(one: Layout, other: Layout): string[] {
  const say = (layout: Layout, name: string): unknown => {
    const section = layout.find(name);
    return section?.options().map((each) => [each, section.get(each)]);
  };
  const names = one.sections.map(({ name }) => name);
  return names.filter(
    (name) =>
      other.find(name) !== undefined &&
      JSON.stringify(say(one, name)) === JSON.stringify(say(other, name)),
  );
}

function shared(one: Layout, other: Layout): string[] {
  return one.sections
    .filter((section) => other.find(section.name) === section)
    .map(({ name }) => name);
}

describe('stretches of sections', () => {
  it('change nothing but identities, which stay exactly where a section says the same, over any edits', () => {
    fc.assert(
      fc.property(
        sections,
        fc.array(fc.array(edit, { maxLength: 3 }), { maxLength: 5 }),
        fc.constantFrom(700, 5000, 96 * 1024),
        fc.constantFrom(1000, Infinity),
        fc.boolean(),
        (first, generations, pieceLength, budget, isCutOff) => {
          let items: readonly string[] = first;
          let previous = parse(new WholeText(items.join('')), Infinity);
          for (const edits of [[], ...generations, []]) {
            items = edits.reduce(edited, items);
            const text = items.join('').slice(0, isCutOff ? -1 : undefined);
            const fresh = contentOf(parse(new WholeText(text), Infinity));
            for (const pieces of [
              bytePieces(text, pieceLength),
              new WholeText(text),
            ]) {
              const before = contentOf(previous);
              const next = parse(pieces, budget, previous);
              expect(contentOf(next)).toEqual(fresh);
              expect(contentOf(previous)).toEqual(before);
              expect(shared(next, previous)).toEqual(alike(next, previous));
              const again = bytePieces(text, pieceLength);
              expect(parse(again, budget, next)).toBe(next);
              expect(parse(new WholeText(text), budget, next)).toBe(next);
              previous = next;
            }
          }
        },
      ),
      { numRuns },
    );
  });

  it('are cut at the same places but for a few, whatever else the text has, with a previous one or without', () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `Section:${i}`);
    const textOf = (all: readonly string[]): string =>
      all
        .map((name) => `[${name}]\nx=${name}\n# ${'.'.repeat(200)}\n`)
        .join('');
    const cutsOf = (layout: Layout): string[] =>
      layout.locations.stretches.map(({ stretch }) => stretch.text);
    const first = parse(new WholeText(textOf(names)), Infinity);
    const known = new Set(cutsOf(first));
    expect(known.size).toBeGreaterThan(100);
    const edits = [
      ['Odd', ...names],
      names.slice(1),
      names.flatMap((name, i) =>
        i % 1_000 === 500 ? [name, `${name}b`] : [name],
      ),
    ];
    for (const each of edits) {
      const text = textOf(each);
      for (const pieces of [new WholeText(text), bytePieces(text, 96 * 1024)]) {
        const onItsOwn = parse(pieces, Infinity);
        const other = cutsOf(onItsOwn).filter((cut) => !known.has(cut));
        expect(other.length).toBeLessThan(known.size / 3);
      }
      const next = parse(new WholeText(text), Infinity, first);
      const other = cutsOf(next).filter((cut) => !known.has(cut));
      expect(other.length).toBeLessThan(known.size / 10);
    }
  });

  it('a character is not taken for another one whose code ends alike', () => {
    const text = (odd: string): string => `[A]\nx=1 # ${odd}\n[B]\ny=2\n`;
    for (const [one, other] of [
      ['\u0141', 'A'],
      ['A', '\u0141'],
      ['\u00e9', '\u00c3\u00a9'],
    ]) {
      for (const pieces of [
        new WholeText(text(one!)),
        bytePieces(text(one!), 99),
      ]) {
        const before = parse(pieces, Infinity);
        const after = parse(bytePieces(text(other!), 99), Infinity, before);
        expect(after).not.toBe(before);
        expect(shared(after, before)).toEqual(['A', 'B']);
      }
    }
  });

  it('a section that stood twice and stands once is the one that both said', () => {
    const once = (name: string): string => `[${name}]\nx=1\n`;
    const twice = parse(
      new WholeText(`${once('A')}${once('B')}${once('A')}`),
      9,
    );
    const first = parse(new WholeText(`${once('A')}${once('B')}`), 9, twice);
    const last = parse(new WholeText(`${once('B')}${once('A')}`), 9, first);
    expect(shared(first, twice)).toEqual(['A', 'B']);
    expect(shared(last, first)).toEqual(['B', 'A']);
  });

  describe('no text stays in memory but that of maps in use', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heap = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const count = 5000;
    // In the nth text the first n of every 20 sections have changed.
    const text = (n: number): string =>
      Array.from({ length: count }, (_, i) => {
        const padding = `# ${i} ${'.'.repeat(180)}`;
        return `[S${i}]\nx=${i % 20 < n ? n : 0}\n${padding}\n`;
      }).join('');
    const piecesOf = (content: string): TextPieces =>
      bytePieces(content, 96 * 1024);
    const generations = Array.from({ length: 19 }, (_, i) => i + 1);

    it('whatever was read since', () => {
      const first = parse(piecesOf(text(0)), Infinity);
      const before = heap();
      let last = first;
      for (const n of generations)
        last = parse(piecesOf(text(n)), Infinity, last);
      const grown = heap() - before;
      expect(shared(last, first)).toHaveLength(count / 20);
      // The last map is about twice its text, and the first one's sections have
      // texts of their own now. If they kept those that they were found in
      // since, that would be twenty times the text.
      expect(grown).toBeLessThan(12 * text(0).length);
    });

    it('whatever was made from one map and dropped', () => {
      const first = parse(piecesOf(text(0)), Infinity);
      const before = heap();
      for (const n of generations) parse(piecesOf(text(n)), Infinity, first);
      expect(heap() - before).toBeLessThan(4 * text(0).length);
      expect(first.sections).toHaveLength(count);
    });

    it('whatever was refused', () => {
      const first = parse(piecesOf(text(0)), Infinity);
      const before = heap();
      for (const n of generations) {
        const torn = piecesOf(`${text(n)}!!!\n`);
        expect(() => parse(torn, Infinity, first)).toThrow(ConfSyntaxError);
      }
      expect(heap() - before).toBeLessThan(text(0).length);
      expect(first.sections).toHaveLength(count);
    });
  });
});
