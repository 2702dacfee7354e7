import { visitOptions } from '../grammar/option-lines.js';
import {
  positionIn,
  type ConfPosition,
  type ConfProblem,
} from '../problems/problem.js';
import type { ConfSection } from '../sections/conf-section.js';
import type { SectionIndex } from '../sections/section-index.js';
import { SectionTable } from '../sections/section-table.js';
import {
  linesOf,
  sameStretches,
  type PlacedLines,
  type SectionLocations,
} from './placed-stretch.js';

/**
 * Everything that parsing finds: the sections, where they stand, and what is
 * doubtful.
 */
export class Layout extends SectionTable {
  constructor(
    sections: readonly ConfSection[],
    index: SectionIndex,
    readonly locations: SectionLocations,
    readonly warnings: readonly ConfProblem[],
    readonly files: readonly string[],
  ) {
    super(sections, index);
  }

  /**
   * The position of a section's header, or of the line that gave an option its
   * values.
   */
  locate(name: string, option?: string): ConfPosition | undefined {
    const at = this.placeOf(name);
    if (at === undefined) return undefined;
    const all = linesOf(this.locations, at, name);
    if (option === undefined) {
      return all[0] && positionIn(all[0].path, all[0].line);
    }
    for (const lines of all.toReversed()) {
      const line = lastLineOf(lines, option);
      if (line !== undefined) return positionIn(lines.path, line);
    }
    return undefined;
  }

  /**
   * Whether the other one has the same section objects at the same places, so
   * that nobody could tell them apart.
   */
  isSameAs(other: Layout): boolean {
    return (
      sameItems(this.sections, other.sections) &&
      sameItems(this.files, other.files) &&
      JSON.stringify(this.warnings) === JSON.stringify(other.warnings) &&
      sameStretches(this.locations.stretches, other.locations.stretches)
    );
  }
}

function lastLineOf(lines: PlacedLines, option: string): number | undefined {
  const { text, start, end, firstLine } = lines;
  let found: number | undefined;
  visitOptions(text, start, end, (name, _at, line) => {
    if (name === option) found = firstLine + line;
  });
  return found;
}

function sameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
