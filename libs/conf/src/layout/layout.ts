import { visitOptions } from '../grammar/option-lines.js';
import {
  positionIn,
  type ConfPosition,
  type ConfProblem,
} from '../problems/problem.js';
import type { ConfSection } from '../sections/conf-section.js';
import type { SectionIndex } from '../sections/section-index.js';
import { sameItems } from '../sections/same-items.js';
import { SectionTable } from '../sections/section-table.js';
import { doAtOnce, type SlicedWork } from '../sections/sliced-work.js';
import { searchedLength } from '../sections/text-content.js';
import {
  comparingStretches,
  linesOf,
  type PlacedLines,
  type SectionLocations,
} from './placed-stretch.js';

type Positions = ReadonlyMap<string, ConfPosition>;

/**
 * Everything that parsing finds: the sections, where they stand, and what is
 * doubtful.
 */
export class Layout extends SectionTable {
  /**
   * The positions of the options of long sections, by the place of the section,
   * so that not each of them is looked for in all of the section.
   */
  private readonly positions = new Map<number, Positions>();

  /** Stands for this layout, and does not keep it in memory. */
  private readonly mark = Symbol('layout');
  /** That of the layout before. */
  private readonly previous: symbol | undefined;

  constructor(
    sections: readonly ConfSection[],
    index: SectionIndex,
    readonly locations: SectionLocations,
    readonly warnings: readonly ConfProblem[],
    readonly files: readonly string[],
    previous: Layout | undefined,
  ) {
    super(sections, index);
    this.previous = previous?.mark;
  }

  /**
   * The position of a section's header, or of the line that gave an option its
   * values.
   */
  locate(name: string, option?: string): ConfPosition | undefined {
    const at = this.placeOf(name);
    if (at === undefined) return undefined;
    const all = linesOf(this.locations, at, name);
    const [first] = all;
    if (first === undefined) return undefined;
    if (option === undefined) return positionIn(first.path, first.line);
    if (all.length === 1 && first.end - first.start <= searchedLength) {
      const line = lastLineOf(first, option);
      return line === undefined ? undefined : positionIn(first.path, line);
    }
    let positions = this.positions.get(at);
    if (positions === undefined) {
      positions = positionsIn(all);
      this.positions.set(at, positions);
    }
    return positions.get(option);
  }

  /**
   * Whether it was made with that one as the previous layout, and so has its
   * sections wherever they say the same.
   */
  follows(previous: Layout): boolean {
    return this.previous === previous.mark;
  }

  /**
   * Whether the other one has the same section objects at the same places, so
   * that nobody could tell them apart.
   */
  isSameAs(other: Layout): boolean {
    return doAtOnce(this.comparingWith(other));
  }

  /** {@link isSameAs} as work that can be sliced. */
  *comparingWith(other: Layout): SlicedWork<boolean> {
    if (this === other) return true;
    return (
      sameItems(this.sections, other.sections) &&
      sameItems(this.files, other.files) &&
      JSON.stringify(this.warnings) === JSON.stringify(other.warnings) &&
      (yield* comparingStretches(
        this.locations.stretches,
        other.locations.stretches,
      ))
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

/** The positions of the lines that gave the options their values. */
function positionsIn(places: readonly PlacedLines[]): Positions {
  const positions = new Map<string, ConfPosition>();
  for (const { text, start, end, path, firstLine } of places) {
    visitOptions(text, start, end, (name, _at, line) =>
      positions.set(name, positionIn(path, firstLine + line)),
    );
  }
  return positions;
}
