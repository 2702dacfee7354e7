import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Backoff, delayBefore } from './backoff.js';

const settings = { initial: 1_000, max: 60_000 };

it('waits twice as long before each further attempt, up to the longest time', () => {
  const longest = [1, 2, 3, 6, 7, 1_000_000].map((attempt) =>
    delayBefore(attempt, settings, 1),
  );
  expect(longest).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});

it('waits between the half and all of that', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const longest = delayBefore(attempt, settings, 1);
        const delay = delayBefore(attempt, settings, random);
        expect(delay).toBeGreaterThanOrEqual(longest / 2);
        expect(delay).toBeLessThanOrEqual(longest);
      },
    ),
  );
});

it('begins anew once it went well', () => {
  const backoff = new Backoff(settings, () => 1);
  const waits = [backoff.next(), backoff.next(), backoff.next()];
  backoff.reset();
  expect([...waits, backoff.next()]).toEqual([1_000, 2_000, 4_000, 1_000]);
});
