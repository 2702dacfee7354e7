/**
 * The candidate that somebody probably meant by a name: the nearest one that
 * differs in case only, or in few letters for its length. Undefined for a name
 * that is one of the candidates, and for one that is like none of them.
 */
export function nearestName(
  name: string,
  candidates: Iterable<string>,
): string | undefined {
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    if (candidate === name) return undefined;
    const distance = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (distance > toleranceFor(candidate) || distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

/** `; did you mean …?` for a name that is like one of the candidates, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

// Of two short words, such as `up` and `ups`, each may well be meant.
function toleranceFor({ length }: string): number {
  if (length < 5) return 0;
  return length < 8 ? 1 : 2;
}

/** How many letters are to be added, removed, replaced, or swapped with the next one. */
function editsBetween(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwap =
        i > 1 &&
        j > 1 &&
        one[i - 1] === other[j - 2] &&
        one[i - 2] === other[j - 1];
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (isSame ? 0 : 1),
        isSwap ? before[j - 2]! + 1 : Infinity,
      );
    }
    before = row;
    row = next;
  }
  return row[other.length]!;
}
