import { expect, it } from 'vitest';
import { ConfMap } from '../index.js';

const names = Array.from({ length: 20_000 }, (_, at) => `Volume${at}\\u0020x`);
const text = `[Long]
One: 1
Names: ${names.join(', ')} # all of them
Two: a b
[Short]
One: 1
`;

it('a long section is read in pieces, and says the same then', () => {
  const read = ConfMap.parse(text).section('Long')!;
  let pieces = 0;
  for (const _piece of read.reading()) pieces++;
  expect(pieces).toBeGreaterThan(4);
  const atOnce = ConfMap.parse(text).section('Long')!;
  expect(read.options()).toEqual(['One', 'Names', 'Two']);
  expect(read.get('Names')).toEqual(
    names.map((name) => name.replace('\\u0020', ' ')),
  );
  expect(read.equals(atOnce)).toBe(true);
});

it('a short section, one that was read, and one that a program made have nothing to be read in pieces', () => {
  const map = ConfMap.parse(text);
  const long = map.section('Long')!;
  long.options();
  const made = ConfMap.fromObject({ Made: { Names: ['a', 'b'] } }).section(
    'Made',
  )!;
  for (const section of [long, map.section('Short')!, made]) {
    expect([...section.reading()]).toEqual([]);
  }
});
