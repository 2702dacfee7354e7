import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseByteRange } from './byte-range.js';

const whole = 'whole';
const none = 'unsatisfiable';

test.each([
  // header, size, expected
  [undefined, 100, whole],
  ['bytes=0-0', 100, [0, 0]],
  ['bytes=0-99', 100, [0, 99]],
  ['bytes=0-100', 100, [0, 99]],
  ['bytes=10-19', 100, [10, 19]],
  ['bytes=99-', 100, [99, 99]],
  ['bytes=0-', 100, [0, 99]],
  ['bytes=100-', 100, none],
  ['bytes=100-200', 100, none],
  ['bytes=-1', 100, [99, 99]],
  ['bytes=-100', 100, [0, 99]],
  ['bytes=-500', 100, [0, 99]],
  ['bytes=-0', 100, none],
  ['bytes=9-0', 100, whole],
  ['bytes=-', 100, whole],
  ['bytes=', 100, whole],
  ['bytes', 100, whole],
  ['', 100, whole],
  ['bytes=a-b', 100, whole],
  ['bytes=1-2-3', 100, whole],
  ['bytes=--1', 100, whole],
  ['bytes=+1-2', 100, whole],
  ['bytes=0x1-2', 100, whole],
  ['bytes=1.5-2', 100, whole],
  ['bytes=1e1-20', 100, whole],
  ['bytes=0-1,3-4', 100, whole],
  ['items=0-1', 100, whole],
  ['Bytes=0-1', 100, [0, 1]],
  ['bytes= 0-1 ', 100, [0, 1]],
  ['bytes=0-99999999999999999999999', 100, [0, 99]],
  ['bytes=99999999999999999999999-', 100, none],
  ['bytes=-99999999999999999999999', 100, [0, 99]],
  ['bytes=0-', 0, whole],
  ['bytes=-1', 0, whole],
])('Range %j of %i bytes', (header, size, expected) => {
  const range = parseByteRange(header, size);
  const got = range.kind === 'part' ? [range.start, range.end] : range.kind;
  expect(got).toEqual(expected);
});

test('whatever the header, a part lies within the file', () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => `bytes=${from}-${to}`),
    fc.nat().map((length) => `bytes=-${length}`),
  );
  fc.assert(
    fc.property(header, fc.nat(), (text, size) => {
      const range = parseByteRange(text, size);
      if (range.kind !== 'part') return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.start).toBeLessThanOrEqual(range.end);
      expect(range.end).toBeLessThan(size);
    }),
  );
});
