import type { ConfSection } from '../sections/conf-section.js';
import { sectionsBetweenYields } from '../sections/reusing-sections.js';
import type { OptionLines } from '../sections/section-content.js';
import type { SlicedWork } from '../sections/sliced-work.js';
import type { Stretch } from './stretch.js';

/** A stretch at its place in a file. */
export interface PlacedStretch {
  readonly stretch: Stretch;
  /** The path that messages name. */
  readonly path: string | undefined;
  /** The line on which it begins, counted from 1. */
  readonly line: number;
  /** The place of its first section in the configuration. */
  readonly place: number;
  /**
   * Whether its sections are those of the configuration from that place on:
   * none of them is merged with others.
   */
  isPlain: boolean;
}

/** The lines of a section at their place in a file. */
export interface PlacedLines extends OptionLines {
  readonly path: string | undefined;
  /** The line of the header, or of the first option if there is no header. */
  readonly line: number;
  /** The line of the first option. */
  readonly firstLine: number;
}

/** Where the sections of a configuration stand. */
export interface SectionLocations {
  /** All stretches, in reading order. */
  readonly stretches: readonly PlacedStretch[];
  /**
   * The lines of the sections that stand in several places, in reading order,
   * by the place of the section in the configuration.
   */
  readonly merged: ReadonlyMap<number, readonly PlacedLines[]>;
}

/**
 * The number of the stretch in which the section at a place of the
 * configuration first stands.
 */
export function stretchAt(
  stretches: readonly PlacedStretch[],
  place: number,
): number {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (stretches[middle]!.place <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The lines of the section of that name and place, in reading order. */
export function linesOf(
  { stretches, merged }: SectionLocations,
  place: number,
  name: string,
): readonly PlacedLines[] {
  const all = merged.get(place);
  if (all !== undefined) return all;
  const placed = stretches[stretchAt(stretches, place)];
  if (placed === undefined) return [];
  const isIt = (section: ConfSection): boolean => section.name === name;
  return [linesIn(placed, placed.stretch.sections.findIndex(isIt))];
}

/** The lines of one section of a stretch, by its number. */
export function linesIn(placed: PlacedStretch, number: number): PlacedLines {
  const { text, starts, lines, isRest } = placed.stretch;
  const from = starts[number]!;
  const line = placed.line + lines[number]!;
  return {
    text,
    start: isRest ? from : text.indexOf('\n', from) + 1,
    end: starts[number + 1] ?? text.length,
    path: placed.path,
    line,
    firstLine: isRest ? line : line + 1,
  };
}

/** Compares whether the same text stands at the same lines of the same files. */
export function* comparingStretches(
  one: readonly PlacedStretch[],
  other: readonly PlacedStretch[],
): SlicedWork<boolean> {
  const isSame = (placed: PlacedStretch, i: number): boolean =>
    placed.stretch === other[i]?.stretch &&
    placed.path === other[i].path &&
    placed.line === other[i].line;
  if (one.length === other.length && one.every(isSame)) return true;
  // The same text may have been cut into other stretches.
  const theirs = occurrences(other);
  let compared = 0;
  for (const mine of occurrences(one)) {
    if (++compared % sectionsBetweenYields === 0) yield;
    const their = theirs.next();
    if (their.done === true || mine.line !== their.value.line) return false;
    if (mine.path !== their.value.path || mine.text !== their.value.text) {
      return false;
    }
  }
  return theirs.next().done === true;
}

/** The texts of all sections with their places, in reading order. */
function* occurrences(
  stretches: readonly PlacedStretch[],
): Generator<{ path: string | undefined; line: number; text: string }> {
  for (const { stretch, path, line } of stretches) {
    const { text, starts, lines } = stretch;
    for (const [i, start] of starts.entries()) {
      const own = text.slice(start, starts[i + 1]);
      yield { path, line: line + lines[i]!, text: own };
    }
  }
}
