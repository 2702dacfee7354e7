import type { EditedContent, OptionOrigin } from './edited-content.js';

/**
 * By the place of a section, the changes of the options that did not come from
 * the text of the map itself, which have their positions.
 */
export type OptionPositions = readonly (EditedContent | undefined)[];

/**
 * Whether both name the same positions for the same options, in maps of the same
 * text that have the same sections.
 */
export function samePositions(
  one: OptionPositions,
  other: OptionPositions,
): boolean {
  if (one === other) return true;
  const length = Math.max(one.length, other.length);
  for (let place = 0; place < length; place++) {
    if (!haveSamePositions(one[place], other[place])) return false;
  }
  return true;
}

function haveSamePositions(
  one: EditedContent | undefined,
  other: EditedContent | undefined,
): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const mine = one.edits;
  if (mine.size !== other.edits.size) return false;
  for (const [option, { origin }] of mine) {
    const theirs = other.editOf(option);
    if (theirs === undefined || !isSame(origin, theirs.origin)) return false;
  }
  return true;
}

function isSame(
  one: OptionOrigin | undefined,
  other: OptionOrigin | undefined,
): boolean {
  if (typeof one === 'string' || typeof other === 'string') {
    return one === other;
  }
  return one?.path === other?.path && one?.line === other?.line;
}
