import type { ConfPosition, ConfProblem } from './problem.js';
import type { SectionIndex } from './section.index.js';
import { positionIn, type ConfSection, type OptionLines } from './section.js';
import { SectionTable } from './section.table.js';
import type { Stretch } from './stretch.js';
import { visitOptions } from './values.js';

/** A stretch at its place in a file. */
export interface Part {
  readonly stretch: Stretch;
  /** The path that messages name. */
  readonly path: string | undefined;
  /** The line of its first character, counted from 1. */
  readonly line: number;
  /** The place of its first section in the configuration. */
  readonly place: number;
  /** Whether its sections are those of the configuration from that place on: none is merged with others. */
  isPlain: boolean;
}

/** The lines of a section at their place in a file. */
export interface PlacedLines extends OptionLines {
  readonly path: string | undefined;
  /** The line of the header; without one that of the first option, as the next is. */
  readonly line: number;
  readonly firstLine: number;
}

/** Where the sections of a parsed configuration are. */
export interface Places {
  /** In reading order. */
  readonly parts: readonly Part[];
  /** The lines of the sections that stand in several places, in reading order, by the place of the section. */
  readonly merged: ReadonlyMap<number, readonly PlacedLines[]>;
}

/** All that parsing found: the sections, where they are, and what is doubtful. */
export class Layout extends SectionTable {
  constructor(
    sections: readonly ConfSection[],
    index: SectionIndex,
    readonly places: Places,
    readonly warnings: readonly ConfProblem[],
    readonly files: readonly string[],
  ) {
    super(sections, index);
  }

  /** The place of a section's header, or of the line that gave an option its values. */
  locate(name: string, option?: string): ConfPosition | undefined {
    const at = this.placeOf(name);
    if (at === undefined) return undefined;
    const all = linesOf(this.places, at, name);
    if (option === undefined) {
      return all[0] && positionIn(all[0].path, all[0].line);
    }
    for (const lines of all.toReversed()) {
      const line = lastLineOf(lines, option);
      if (line !== undefined) return positionIn(lines.path, line);
    }
    return undefined;
  }

  /** Whether the other one has the same section objects at the same places, so that nobody could tell them apart. */
  isSameAs(other: Layout): boolean {
    return (
      sameItems(this.sections, other.sections) &&
      sameItems(this.files, other.files) &&
      JSON.stringify(this.warnings) === JSON.stringify(other.warnings) &&
      sameParts(this.places.parts, other.places.parts)
    );
  }
}

/** The number of the part in which the section at that place first stands. */
export function partAt(parts: readonly Part[], place: number): number {
  let low = 0;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (parts[middle]!.place <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The lines of the section of that name and place, in reading order. */
export function linesOf(
  { parts, merged }: Places,
  place: number,
  name: string,
): readonly PlacedLines[] {
  const all = merged.get(place);
  if (all !== undefined) return all;
  const part = parts[partAt(parts, place)];
  if (part === undefined) return [];
  const isIt = (section: ConfSection): boolean => section.name === name;
  return [linesIn(part, part.stretch.sections.findIndex(isIt))];
}

/** The lines of one section of a part. */
export function linesIn(part: Part, number: number): PlacedLines {
  const { text, starts, lines, isRest } = part.stretch;
  const from = starts[number]!;
  const line = part.line + lines[number]!;
  return {
    text,
    start: isRest ? from : text.indexOf('\n', from) + 1,
    end: starts[number + 1] ?? text.length,
    path: part.path,
    line,
    firstLine: isRest ? line : line + 1,
  };
}

function lastLineOf(lines: PlacedLines, option: string): number | undefined {
  const { text, start, end, firstLine } = lines;
  let found: number | undefined;
  visitOptions(text, start, end, (name, _at, line) => {
    if (name === option) found = firstLine + line;
  });
  return found;
}

function sameParts(one: readonly Part[], other: readonly Part[]): boolean {
  const isSame = (part: Part, i: number): boolean =>
    part.stretch === other[i]?.stretch &&
    part.path === other[i].path &&
    part.line === other[i].line;
  if (one.length === other.length && one.every(isSame)) return true;
  // The same text may have been cut into other stretches.
  const theirs = occurrences(other);
  for (const mine of occurrences(one)) {
    const their = theirs.next();
    if (their.done === true || mine.line !== their.value.line) return false;
    if (mine.path !== their.value.path || mine.text !== their.value.text) {
      return false;
    }
  }
  return theirs.next().done === true;
}

/** All texts of sections with their places, in reading order. */
function* occurrences(
  parts: readonly Part[],
): Generator<{ path: string | undefined; line: number; text: string }> {
  for (const { stretch, path, line } of parts) {
    const { text, starts, lines } = stretch;
    for (const [i, start] of starts.entries()) {
      const own = text.slice(start, starts[i + 1]);
      yield { path, line: line + lines[i]!, text: own };
    }
  }
}

function sameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
