import { isAscii } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../layout/layout.js';
import { DEFAULT_LIMITS } from '../problems/conf-limits.js';
import { ConfParser } from '../parsing/conf-parser.js';
import { finishLayout } from '../parsing/parse-text.js';
import { BytePieces } from './byte-pieces.js';
import { windowOf, type ByteWindow } from './byte-window.js';
import type { TextPieces } from './text-pieces.js';
import { WholeText } from './whole-text.js';

const line = fc.constantFrom(
  '[A]\n',
  '[B] # ü€🙂\n',
  ' [A]\t; c\r\n',
  'x = 1\n',
  'x: 2, 3 # €\r\n',
  'y:\n',
  'a-long-name: with, several values "and" quotes\n',
  '\n',
  '# 🙂 comment\n',
  'malformed\n',
  '[C]\nx=1\ny=2\n',
  '[D]\nx=1\n',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 15 }), fc.constantFrom('', 'z = end', '#'))
  .map(([lines, end]) => `[A]\n${lines.join('')}${end}`);

function parse(pieces: TextPieces, budget: number, previous?: Layout): Layout {
  const parser = new ConfParser(DEFAULT_LIMITS, previous);
  parser.enter({ quotable: true, mustBeComplete: false, open: () => pieces });
  while (parser.advance(budget) !== 'done');
  return finishLayout(parser, [], previous);
}

/** Hands out bytes as a file does of which a few bytes are read at a time. */
class SlidingWindow implements ByteWindow {
  bytes: Buffer = Buffer.alloc(0);
  isAscii = true;
  isLast = false;
  readonly flaw = undefined;
  private from = 0;
  private to = 0;

  constructor(
    readonly all: Buffer,
    readonly step: number,
  ) {}

  async moveTo(from: number): Promise<void> {
    const shown = this.bytes.length - from;
    this.from += from;
    do {
      this.to = Math.min(this.to + this.step, this.all.length);
      this.isLast = this.to === this.all.length;
      const there = this.all.subarray(this.from, this.to);
      const end = this.isLast ? there.length : there.lastIndexOf('\n') + 1;
      this.bytes = there.subarray(0, end);
    } while (!this.isLast && this.bytes.length <= shown);
    this.isAscii = isAscii(this.bytes);
  }
}

/**
 * Parses bytes of which few are there at a time; says how often it had to wait
 * for more.
 */
async function parseFetched(
  window: SlidingWindow,
  pieceLength: number,
  budget: number,
  previous?: Layout,
): Promise<{ layout: () => Layout; waits: number }> {
  const parser = new ConfParser(DEFAULT_LIMITS, previous);
  await window.moveTo(0);
  parser.enter({
    quotable: true,
    mustBeComplete: false,
    open: () => new BytePieces(window, pieceLength),
  });
  let waits = 0;
  for (;;) {
    const step = parser.advance(budget);
    if (step === 'done') break;
    if (step !== 'needsMore') continue;
    waits++;
    await parser.fetch();
  }
  return { layout: () => finishLayout(parser, [], previous), waits };
}

function bytePieces(source: string, pieceLength: number): TextPieces {
  const bytes = Buffer.from(source);
  return new BytePieces(windowOf(bytes, isAscii(bytes)), pieceLength);
}

/** The layout of a text; undefined if it is malformed. */
function layoutOf(source: string): Layout | undefined {
  try {
    // Of bytes that are known to be ASCII, which are compared as such later on.
    return parse(bytePieces(source, 1000), Infinity);
  } catch {
    return undefined;
  }
}

function describeResult(read: () => Layout): unknown {
  try {
    const layout = read();
    const sections = layout.sections.map((section) => [
      section.name,
      layout.locate(section.name),
      section
        .options()
        .map((option) => [
          option,
          section.get(option),
          layout.locate(section.name, option),
        ]),
    ]);
    return { sections, warnings: layout.warnings };
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a text in pieces', () => {
  it('reads as it does whole, however it is cut and whatever was there before', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        (one, other, pieceLength, budget) => {
          const previous = layoutOf(one);
          for (const source of [one, other, one + other, `${other}\n${one}`]) {
            const whole = describeResult(() =>
              parse(new WholeText(source), Infinity),
            );
            for (const before of [undefined, previous]) {
              const cut = (): Layout =>
                parse(bytePieces(source, pieceLength), budget, before);
              expect(describeResult(cut)).toEqual(whole);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('reads as it does whole, however little of it is there at a time', async () => {
    const small = fc.integer({ min: 1, max: 60 });
    let waits = 0;
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.tuple(small, small, fc.integer({ min: 1, max: 200 })),
        async (one, other, [pieceLength, budget, step]) => {
          const previous = layoutOf(one);
          for (const source of [one, other, one + other, `${other}\n${one}`]) {
            const whole = describeResult(() =>
              parse(new WholeText(source), Infinity),
            );
            for (const before of [undefined, previous]) {
              const window = new SlidingWindow(Buffer.from(source), step);
              const fetched = await parseFetched(
                window,
                pieceLength,
                budget,
                before,
              );
              expect(describeResult(fetched.layout)).toEqual(whole);
              waits += fetched.waits;
            }
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(waits).toBeGreaterThan(1000);
  });

  it('hands out a long section a few times at most, however little of it is fetched at a time', async () => {
    const source = `[A]\n${'x=1\n'.repeat(10_000)}`;
    const window = new SlidingWindow(Buffer.from(source), 100);
    await window.moveTo(0);
    const pieces = new BytePieces(window, 50);
    let handedOut = 0;
    while (!pieces.isLast) {
      const piece = pieces.next(0);
      if (piece === undefined) await pieces.fetch(0);
      else handedOut += piece.length;
    }
    expect(handedOut / source.length).toBeLessThan(4);
  });

  it('reads as it does whole after any edit, however little of it is there at a time', async () => {
    const section = fc.tuple(fc.nat(150), fc.constantFrom('', 'y=2\n', '\n'));
    const sections = fc.array(section, { minLength: 20, maxLength: 200 });
    const edit = fc.tuple(fc.nat(200), fc.nat(3), fc.array(section));
    const textOf = (all: readonly (readonly [number, string])[]): string =>
      all
        .map(([i, rest]) => `[Section${i}]\nx=${i} # ${padding}${rest}\n`)
        .join('');
    const padding = 'x'.repeat(100);
    const step = fc.integer({ min: 1, max: 3000 });
    await fc.assert(
      fc.asyncProperty(
        sections,
        fc.array(edit, { maxLength: 3 }),
        fc.boolean(),
        fc.tuple(step, step, step),
        async (before, edits, goesOn, [pieceLength, budget, windowStep]) => {
          const after = [...before];
          for (const [at, count, added] of edits) {
            after.splice(at, count, ...added);
          }
          const edited = textOf(after) + (goesOn ? 'z=1\n' : '');
          const whole = describeResult(() =>
            parse(new WholeText(edited), Infinity),
          );
          const fetched = await parseFetched(
            new SlidingWindow(Buffer.from(edited), windowStep),
            pieceLength,
            budget,
            layoutOf(textOf(before)),
          );
          expect(describeResult(fetched.layout)).toEqual(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a section that goes on where it ended before is read anew, wherever what is there ends', async () => {
    const before = '[A]\nx=1\n[B]\ny=1\n';
    const previous = layoutOf(before);
    const after = `${before}z=1\n[C]\nx=1\n`;
    const whole = describeResult(() => parse(new WholeText(after), Infinity));
    for (let step = 1; step <= after.length; step++) {
      const window = new SlidingWindow(Buffer.from(after), step);
      const { layout } = await parseFetched(window, 8, 1, previous);
      expect(describeResult(layout)).toEqual(whole);
    }
  });

  it('takes over all that is as it was, however little of the text is there at a time', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `[S${i}]\nx=${i}\n`);
    const source = lines.join('');
    const previous = layoutOf(source);
    for (const step of [100, 5000, 30_000]) {
      const window = new SlidingWindow(Buffer.from(source), step);
      const fetched = await parseFetched(window, 3000, 2000, previous);
      expect(fetched.layout()).toBe(previous);
      expect(fetched.waits).toBeGreaterThan(0);
    }
  });

  it('keeps the bytes of every character together', () => {
    const source = `${'# ü€🙂\n'.repeat(50)}[A]\nx=1\n`;
    for (let length = 1; length < 40; length++) {
      const pieces = bytePieces(source, length);
      let read = '';
      for (
        let piece = pieces.next(0);
        piece !== undefined;
        piece = pieces.next(piece.length)
      ) {
        expect(piece).toMatch(/\n$/);
        read += piece;
      }
      expect(read).toBe(source);
      expect(pieces.isLast).toBe(true);
    }
  });
});
