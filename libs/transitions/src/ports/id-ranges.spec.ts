import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdRanges } from './id-ranges.js';

describe('IdRanges', () => {
  it('has exactly what was added, in whatever order', () => {
    const smallStep = integer({ min: -3, max: 5 });
    assert(
      property(integer({ min: 1 }), array(smallStep), (first, steps) => {
        const ids = new IdRanges(first);
        const added = new Set([first]);
        let id = first;
        for (const step of steps) {
          id += step;
          ids.add(id);
          added.add(id);
        }
        const reach = 5 * steps.length + 1;
        for (let each = first - reach; each <= first + reach; each++) {
          expect(ids.has(each)).toBe(added.has(each));
        }
      }),
    );
  });
});
