import { doAtOnce, type SlicedWork } from '../time/slices.js';

/**
 * A table that knows the order of its records: less is earlier; undefined if it
 * has none of that name.
 */
export interface Ranked {
  rankOf(name: string): number | undefined;
}

/**
 * Sorts records in the order in which a table has their names. Those that it
 * does not have follow in the order of the next table, and those that none has
 * come last, in the given order. Work that can be sliced, but for the sorting of
 * numbers.
 */
export function* orderingNames<T extends { readonly name: string }>(
  records: readonly T[],
  tables: readonly ReadonlyMap<string, unknown>[],
): SlicedWork<readonly T[]> {
  if (records.length < 2) return records;
  const ranks = tables.map((table) => ranksOf(table));
  // One number for the place and, in the rest, for the index.
  const keys = new Float64Array(records.length);
  let isOrdered = true;
  for (let index = 0; index < records.length; index++) {
    if (index % 256 === 0) yield;
    const { name } = records[index]!;
    let table = 0;
    let rank: number | undefined;
    while (table < ranks.length) {
      rank = ranks[table]!(name);
      if (rank !== undefined) break;
      table++;
    }
    keys[index] = (table * mostRecords + (rank ?? 0)) * mostRecords + index;
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

// The keys of up to four tables of so many records are exact.
const mostRecords = 2 ** 25;

/** {@link orderingNames} at once. */
export function inOrderOfNames<T extends { readonly name: string }>(
  records: readonly T[],
  table: ReadonlyMap<string, unknown>,
): readonly T[] {
  return doAtOnce(orderingNames(records, [table]));
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
