import { expect, it } from 'vitest';
import type { ServingEntry } from '../participants/serving-journal.js';
import { findMoves, findOverlaps, servingsOf } from './servings.js';

/** Lines such as `serve 5`, of volume v at a peer, in milliseconds. */
function journal(peer: string, ...lines: string[]): ServingEntry[] {
  return lines.map((line) => {
    const [event, at] = line.split(' ') as [ServingEntry['event'], string];
    const time = new Date(Number(at)).toISOString();
    const generation = 1;
    return {
      at: `${at}000000`,
      time,
      peer,
      pid: 1,
      event,
      volume: 'v',
      generation,
    };
  });
}

function servings(...journals: ServingEntry[][]) {
  return journals.flatMap(servingsOf);
}

it('one after the other is a move, with a time between, and no overlap', () => {
  const seen = servings(
    journal('a', 'serve 1', 'unserve 5', 'serve 20'),
    journal('b', 'serve 7', 'unserve 19'),
  );
  expect(findOverlaps(seen)).toEqual([]);
  expect(findMoves(seen)).toEqual([2, 1]);
});

it('a moment in common is an overlap, whoever began first', () => {
  const a = journal('a', 'serve 1', 'unserve 5');
  const b = journal('b', 'serve 4', 'unserve 9');
  const overlap = { volume: 'v', milliseconds: 1 };
  expect(findOverlaps(servings(a, b))).toEqual([
    { ...overlap, peers: ['a', 'b'] },
  ]);
  expect(findOverlaps(servings(b, a))).toEqual([
    { ...overlap, peers: ['a', 'b'] },
  ]);
  expect(findMoves(servings(a, b))).toEqual([-1]);
});

it('a serving within a longer one is an overlap, and one that does not end overlaps all later', () => {
  const long = journal('a', 'serve 1');
  const short = journal('b', 'serve 2', 'unserve 3', 'serve 8', 'unserve 9');
  expect(findOverlaps(servings(long, short))).toHaveLength(2);
});

it('one peer that serves a volume again has not moved it', () => {
  const seen = servings(
    journal('a', 'serve 1', 'unserve 5', 'serve 6', 'unserve 7'),
  );
  expect([findOverlaps(seen), findMoves(seen)]).toEqual([[], []]);
});

it('a journal that serves or unserves twice in a row is refused', () => {
  expect(() => servingsOf(journal('a', 'serve 1', 'serve 2'))).toThrow('twice');
  expect(() => servingsOf(journal('a', 'unserve 1'))).toThrow('twice');
});
