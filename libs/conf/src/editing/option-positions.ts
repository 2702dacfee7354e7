import type { ConfPosition } from '../problems/problem.js';

/** The positions of the options of a section. */
export type SectionPositions = ReadonlyMap<string, ConfPosition | undefined>;

/**
 * By section and option, the positions of the options that did not come from
 * the text of the map itself; undefined for an option that a program made.
 */
export type OptionPositions = ReadonlyMap<string, SectionPositions>;

/** Whether both name the same positions for the same options. */
export function samePositions(
  one: OptionPositions,
  other: OptionPositions,
): boolean {
  return haveSame(one, other, (mine, theirs) =>
    haveSame(mine, theirs, isSamePosition),
  );
}

function haveSame<T>(
  one: ReadonlyMap<string, T>,
  other: ReadonlyMap<string, T>,
  isSame: (mine: T, theirs: T) => boolean,
): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [name, mine] of one) {
    if (!other.has(name) || !isSame(mine, other.get(name)!)) return false;
  }
  return true;
}

function isSamePosition(
  one: ConfPosition | undefined,
  other: ConfPosition | undefined,
): boolean {
  return one?.path === other?.path && one?.line === other?.line;
}
