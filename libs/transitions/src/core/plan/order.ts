import { doAtOnce, type SlicedWork } from '../time/slices.js';

/**
 * A table that knows the order of its records: less is earlier; undefined if it
 * has none of that name.
 */
export interface Ranked {
  rankOf(name: string): number | undefined;
}

/** The place of a name in an order: less is earlier. Names without one share the last. */
export type NameOrder = (name: string) => number;

/**
 * The order in which a table has names. Those that it does not have follow in the
 * order of the next table.
 */
export function orderIn(
  ...tables: readonly ReadonlyMap<string, unknown>[]
): NameOrder {
  const ranks = tables.map((table) => ranksOf(table));
  return (name) => {
    for (let table = 0; table < ranks.length; table++) {
      const rank = ranks[table]!(name);
      if (rank !== undefined) return table * mostRecords + rank;
    }
    return ranks.length * mostRecords;
  };
}

/** The same order, for names that are asked for again and again. */
export function remembered(order: NameOrder): NameOrder {
  const places = new Map<string, number>();
  return (name) => {
    let place = places.get(name);
    if (place === undefined) places.set(name, (place = order(name)));
    return place;
  };
}

/**
 * Sorts records by name; those with the same place stay in the given order. Work
 * that can be sliced, but for the sorting of numbers.
 */
export function* ordering<T extends { readonly name: string }>(
  records: readonly T[],
  order: NameOrder,
): SlicedWork<readonly T[]> {
  if (records.length < 2) return records;
  // One number for the place and, in the rest, for the index.
  const keys = new Float64Array(records.length);
  let isOrdered = true;
  for (let index = 0; index < records.length; index++) {
    if (index % 256 === 0) yield;
    keys[index] = order(records[index]!.name) * mostRecords + index;
    if (index > 0 && keys[index]! < keys[index - 1]!) isOrdered = false;
  }
  if (isOrdered) return records;
  keys.sort();
  const ordered: T[] = [];
  for (let at = 0; at < keys.length; at++) {
    if (at % 256 === 0) yield;
    ordered.push(records[keys[at]! % mostRecords]!);
  }
  return ordered;
}

// Numbers are exact for up to four tables of so many records.
const mostRecords = 2 ** 25;

/** {@link ordering} at once. */
export function inOrder<T extends { readonly name: string }>(
  records: readonly T[],
  order: NameOrder,
): readonly T[] {
  return doAtOnce(ordering(records, order));
}

/**
 * The order of the names of a table. A plain map is counted on the first call.
 */
export function ranksOf(
  table: ReadonlyMap<string, unknown>,
): (name: string) => number | undefined {
  if (isRanked(table)) return (name) => table.rankOf(name);
  let ranks: Map<string, number> | undefined;
  return (name) => {
    ranks ??= new Map([...table.keys()].map((each, index) => [each, index]));
    return ranks.get(name);
  };
}

function isRanked(table: object): table is Ranked {
  return 'rankOf' in table;
}
