import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lastModifiedOf, stampAfter } from './modification-time.js';

const START = Date.UTC(2026, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const secondOf = (milliseconds: number): number =>
  Math.floor(milliseconds / 1000);

test('a stamp is the time of the wall clock, wherever the monotonic one stands (F155)', () => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  vi.setSystemTime(START + 3_600_000);
  expect(Math.floor(stampAfter(undefined))).toBe(START + 3_600_000);
});

test('stamps of one moment differ (F155)', () => {
  const stamps = Array.from({ length: 500 }, () => stampAfter(undefined));
  expect(new Set(stamps.map((stamp) => stamp.toFixed(3))).size).toBe(500);
});

test('a version that replaces one of the future is a second later (F155)', () => {
  const replaced = START + 3_600_500;
  expect(secondOf(stampAfter(replaced))).toBe(secondOf(replaced) + 1);
});

test('whoever read an older version has an earlier date than every newer one, and no stamp runs ahead by more than a second (F155)', () => {
  const pauses = fc.integer({ min: 0, max: 1200 });
  fc.assert(
    fc.property(fc.array(pauses, { maxLength: 40 }), (history) => {
      vi.setSystemTime(START);
      const readBefore: number[] = [];
      let stored: number | undefined;
      for (const pause of history) {
        stored = Math.floor(stampAfter(stored));
        expect(stored).toBeLessThanOrEqual(Date.now() + 1000);
        for (const date of readBefore) {
          expect(secondOf(stored)).toBeGreaterThan(secondOf(date));
        }
        readBefore.push(lastModifiedOf({ modifiedAt: stored }));
        vi.advanceTimersByTime(pause);
        readBefore.push(lastModifiedOf({ modifiedAt: stored }));
      }
    }),
  );
});

test('a date that is sent is never later than the clock (F155)', () => {
  const modifiedAt = START + 3_600_000;
  expect(lastModifiedOf({ modifiedAt })).toBe(START);
  expect(lastModifiedOf({ modifiedAt: START - 1 })).toBe(START - 1);
});
