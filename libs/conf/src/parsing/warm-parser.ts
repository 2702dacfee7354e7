import { Buffer } from 'node:buffer';
import { BytePieces } from '../text/byte-pieces.js';
import { windowOf } from '../text/byte-window.js';
import type { TextSource } from '../text/text-source.js';
import { DEFAULT_LIMITS } from '../problems/conf-limits.js';
import { ConfParser } from './conf-parser.js';

const bytes = Buffer.from('[A]\nx=1\n[B]\ny=1, 2\n[C]\nz=1\n');

const source: TextSource = {
  quotable: true,
  mustBeComplete: true,
  open: () => new BytePieces(windowOf(bytes, true)),
};

let warmParser: ConfParser | undefined;

/**
 * Keeps a parser in the middle of a small text for good. The engine forgets how
 * it has optimised the code for a kind of object when the last object of that
 * kind is collected. Without this parser, a reload that comes minutes after the
 * one before it would begin with slow code and take twice as long.
 */
export function keepParserWarm(): void {
  warmParser ??= halfWayParser();
}

function halfWayParser(): ConfParser {
  const first = new ConfParser(DEFAULT_LIMITS);
  first.enter(source);
  while (first.advance(Infinity) !== 'done');
  const parser = new ConfParser(DEFAULT_LIMITS, first.finish([]));
  parser.enter(source);
  // The first step reads a piece, the second one its first section.
  for (let step = 0; step < 2; step++) parser.advance(1);
  return parser;
}
