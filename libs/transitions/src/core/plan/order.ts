/**
 * A table that knows the order of its records: less is earlier; undefined if it
 * has none of that name.
 */
export interface Ranked {
  rankOf(name: string): number | undefined;
}

/**
 * Sorts records in the order in which a table has their names. Those that it
 * does not have come last, in the given order.
 */
export function inOrderOfNames<T extends { readonly name: string }>(
  records: readonly T[],
  table: ReadonlyMap<string, unknown>,
): readonly T[] {
  if (records.length < 2) return records;
  const rankOf = ranksOf(table);
  const ranked = records.map((record, index) => ({
    record,
    rank: rankOf(record.name) ?? Infinity,
    index,
  }));
  ranked.sort((a, b) =>
    a.rank === b.rank ? a.index - b.index : a.rank < b.rank ? -1 : 1,
  );
  return ranked.map(({ record }) => record);
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
