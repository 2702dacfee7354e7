/** Whether a name is another one but for upper and lower case, or for a letter or two: a slip of who typed it. */
export function isNearly(name: string, known: string): boolean {
  const [a, b] = [name.toLowerCase(), known.toLowerCase()];
  const slips = b.length < 8 ? 1 : 2;
  return Math.abs(a.length - b.length) <= slips && distance(a, b) <= slips;
}

/** How many letters must be added, left out, replaced or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let [older, old]: number[][] = [[], []];
  old = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        old[j]! + 1,
        row[j - 1]! + 1,
        old[j - 1]! + (same ? 0 : 1),
        swapped ? older![j - 2]! + 1 : Infinity,
      );
    }
    [older, old] = [old, row];
  }
  return old[b.length]!;
}
