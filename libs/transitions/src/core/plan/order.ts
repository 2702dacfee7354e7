/** A table that knows the places of its records: less is earlier; undefined where it has none of that name. */
export interface Ranked {
  rankOf(name: string): number | undefined;
}

/**
 * Records in the order that a table has for their names. What it does not have
 * comes after that, in the order given.
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

/** The places of a table's names; of a plain map they are counted when they are first asked for. */
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
