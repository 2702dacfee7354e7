import { isAscii } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytesFeed, TextFeed, type Feed } from './feed.js';
import type { Layout } from './layout.js';
import { DEFAULT_LIMITS } from './limits.js';
import { finish } from './parse.js';
import { ConfParser } from './parser.js';

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

function parse(feed: Feed, budget: number, previous?: Layout): Layout {
  const parser = new ConfParser(DEFAULT_LIMITS, previous);
  parser.enter({ quotable: true, open: () => feed });
  while (parser.advance(budget) !== 'done');
  return finish(parser, [], previous);
}

function bytesFeed(source: string, pieceLength: number): Feed {
  const bytes = Buffer.from(source);
  return new BytesFeed(bytes, isAscii(bytes), pieceLength);
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
          let previous: Layout | undefined;
          try {
            previous = parse(new TextFeed(one), Infinity);
          } catch {
            // Without a previous layout then.
          }
          for (const source of [one, other, one + other, `${other}\n${one}`]) {
            const whole = describeResult(() =>
              parse(new TextFeed(source), Infinity),
            );
            for (const before of [undefined, previous]) {
              const cut = (): Layout =>
                parse(bytesFeed(source, pieceLength), budget, before);
              expect(describeResult(cut)).toEqual(whole);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps the bytes of every character together', () => {
    const source = `${'# ü€🙂\n'.repeat(50)}[A]\nx=1\n`;
    for (let length = 1; length < 40; length++) {
      const feed = bytesFeed(source, length);
      let read = '';
      for (
        let piece = feed.next(0);
        piece !== undefined;
        piece = feed.next(piece.length)
      ) {
        expect(piece).toMatch(/\n$/);
        read += piece;
      }
      expect(read).toBe(source);
      expect(feed.isLast).toBe(true);
    }
  });
});
