import { Buffer } from 'node:buffer';
import { BytesFeed, windowOf } from './feed.js';
import { DEFAULT_LIMITS } from './limits.js';
import { ConfParser } from './parser.js';
import type { Source } from './source.js';

const BYTES = Buffer.from('[A]\nx=1\n[B]\ny=1, 2\n[C]\nz=1\n');

const source: Source = {
  quotable: true,
  open: () => new BytesFeed(windowOf(BYTES, true)),
};

let standby: ConfParser | undefined;

/**
 * Makes a parser that stays in the middle of a small text for good. With the last object of a kind the engine forgets
 * what it has optimised for that kind; without this one all parsing that comes after a garbage collection, as reloads
 * do that are minutes apart, starts with code that is not optimised: a reload then takes twice as long.
 */
export function keepStandby(): void {
  standby ??= makeStandby();
}

function makeStandby(): ConfParser {
  const first = new ConfParser(DEFAULT_LIMITS);
  first.enter(source);
  while (first.advance(Infinity) !== 'done');
  const parser = new ConfParser(DEFAULT_LIMITS, first.finish([]));
  parser.enter(source);
  // A piece is read, and the first of its sections.
  for (let step = 0; step < 2; step++) parser.advance(1);
  return parser;
}
