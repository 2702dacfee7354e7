import type { Holdings } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';

/** Maps holdings, as work that can be sliced. Those that are shared stay shared. */
export function* mapping(
  all: readonly Holdings[],
  map: (held: Holdings) => SlicedWork<Holdings>,
): SlicedWork<Holdings[]> {
  return yield* mappingPairs(all, all, map);
}

/** Maps pairs of holdings. Pairs that have both in common share the result. */
export function* mappingPairs(
  ones: readonly Holdings[],
  others: readonly Holdings[],
  map: (one: Holdings, other: Holdings) => SlicedWork<Holdings>,
): SlicedWork<Holdings[]> {
  const mapped = new Map<Holdings, Map<Holdings, Holdings>>();
  const results: Holdings[] = [];
  for (const [index, one] of ones.entries()) {
    const other = others[index]!;
    let ofOne = mapped.get(one);
    if (ofOne === undefined) mapped.set(one, (ofOne = new Map()));
    let result = ofOne.get(other);
    if (result === undefined) {
      result = yield* map(one, other);
      ofOne.set(other, result);
    }
    results.push(result);
  }
  return results;
}
