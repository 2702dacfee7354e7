/**
 * The candidate that was probably meant by a name that is none of them, for a
 * "did you mean": one that differs only in upper and lower case, or else the
 * first of those with the fewest typing errors. A typing error is a character
 * that is missing, added or wrong, or two neighbours that are swapped; upper
 * and lower case make no difference. Names of up to 2 characters may have none,
 * of up to 4 one, of up to 12 two, longer ones three.
 *
 * Undefined if no candidate is near enough, or if the name is a candidate
 * itself.
 */
export function nearestName(
  name: string,
  candidates: Iterable<string>,
): string | undefined {
  const lower = name.toLowerCase();
  let most = mostErrors(name.length);
  let nearest: string | undefined;
  for (const candidate of candidates) {
    if (candidate === name) return undefined;
    const errors = typingErrors(lower, candidate.toLowerCase(), most);
    if (errors > most) continue;
    nearest = candidate;
    most = errors - 1;
  }
  return nearest;
}

function mostErrors(length: number): number {
  if (length <= 4) return length <= 2 ? 0 : 1;
  return length <= 12 ? 2 : 3;
}

/**
 * The optimal string alignment distance of two texts, or some number above
 * `most` if it is above that.
 */
function typingErrors(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  // Rows of the table of distances between the beginnings of both.
  let twoBefore: number[] = [];
  let before = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      let errors = Math.min(
        before[j]! + 1,
        row[j - 1]! + 1,
        before[j - 1]! + (isSame ? 0 : 1),
      );
      const isSwapped =
        one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (i > 1 && j > 1 && isSwapped) {
        errors = Math.min(errors, twoBefore[j - 2]! + 1);
      }
      row.push(errors);
    }
    if (Math.min(...row) > most) return most + 1;
    twoBefore = before;
    before = row;
  }
  return before[other.length]!;
}
