import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidPathError } from './storage.errors.js';
import { VolumePath } from './volume-path.js';

test.each([
  ['', [], true],
  ['a', ['a'], false],
  ['a/', ['a'], true],
  ['a/b.txt', ['a', 'b.txt'], false],
  ['%61', ['a'], false],
  ['a%20b', ['a b'], false],
  ['a+b', ['a+b'], false],
  ['%252e%252e', ['%2e%2e'], false],
  ['%c3%a4', ['ä'], false],
  ['...', ['...'], false],
  ['.a', ['.a'], false],
  ['a..', ['a..'], false],
  ['a/.volumed-staging', ['a', '.volumed-staging'], false],
])('%j is read as %j', (encoded, segments, directory) => {
  const path = VolumePath.parse(encoded);
  expect(path.segments).toEqual(segments);
  expect(path.directory).toBe(directory);
});

test.each([
  '/',
  '//',
  '/a',
  'a//b',
  'a//',
  '.',
  '..',
  './a',
  '../a',
  'a/..',
  'a/../',
  '%2e',
  '%2E%2e',
  'a%2fb',
  'a%5cb',
  'a\\b',
  '%00',
  'a%00b',
  '%',
  '%4',
  '%gg',
  '%ff',
  '%c0%ae',
  '%ed%a0%80',
  '.volumed-staging',
  '.volumed-staging/x',
  '%2evolumed-staging/x',
])('%j is refused', (encoded) => {
  expect(() => VolumePath.parse(encoded)).toThrow(InvalidPathError);
});

test('every path is refused or lies below every root', () => {
  const piece = fc.oneof(
    fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '%5c', '%00', '%', 'a'),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const path = parsedOrRefused(pieces.join(''));
      const segments = join('/root', `${path}`).split('/').slice(2);
      expect(segments).toEqual(path.segments);
      expect(segments.join('')).not.toContain('\0');
    }),
    { numRuns: 2_000 },
  );
});

/** The root stands for what is refused. */
function parsedOrRefused(encoded: string): VolumePath {
  try {
    return VolumePath.parse(encoded);
  } catch (error) {
    if (error instanceof InvalidPathError) return VolumePath.root;
    throw error;
  }
}
