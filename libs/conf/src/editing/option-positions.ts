import type { EditedContent } from './edited-content.js';

/**
 * By section, the changes of the options that did not come from the text of the
 * map itself, which have their positions.
 */
export type OptionPositions = ReadonlyMap<string, EditedContent>;

/** Whether both name the same positions for the same options. */
export function samePositions(
  one: OptionPositions,
  other: OptionPositions,
): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [name, mine] of one) {
    const theirs = other.get(name);
    if (theirs === undefined || !haveSamePositions(mine, theirs)) return false;
  }
  return true;
}

function haveSamePositions(one: EditedContent, other: EditedContent): boolean {
  if (one === other) return true;
  const mine = one.edits;
  if (mine.size !== other.edits.size) return false;
  for (const [option, { position }] of mine) {
    const theirs = other.editOf(option);
    if (theirs === undefined) return false;
    if (position?.path !== theirs.position?.path) return false;
    if (position?.line !== theirs.position?.line) return false;
  }
  return true;
}
