import {
  samePositions,
  type OptionPositions,
} from '../editing/option-positions.js';
import { OptionGetters } from '../getters/option-getters.js';
import type { ConfPosition, ConfProblem } from '../problems/problem.js';
import { sameItems } from '../sections/same-items.js';
import type { SectionTable } from '../sections/section-table.js';
import type { Layout } from './layout.js';

/** The part of `ConfMap` that knows what came from where. */
export abstract class LocatedContent extends OptionGetters {
  /**
   * The layout is that of the text that the content was read from, or made
   * from; the positions are those of options that are not from it.
   */
  constructor(
    table: SectionTable,
    protected readonly layout: Layout | undefined,
    protected readonly positions: OptionPositions,
    protected readonly overrideWarnings: readonly ConfProblem[],
  ) {
    super(table);
  }

  /**
   * What is doubtful but no error: repeated options, a text that ends without a
   * newline, and overrides of what differs only in case from what exists.
   */
  get warnings(): readonly ConfProblem[] {
    const { layout, overrideWarnings } = this;
    return Object.freeze([...(layout?.warnings ?? []), ...overrideWarnings]);
  }

  /**
   * The absolute paths of all files that were read, the main one first: what a
   * watcher has to watch.
   */
  get files(): readonly string[] {
    return this.layout?.files ?? [];
  }

  /**
   * Where a section begins, or where an option got its values; undefined if
   * there is none, or if a program made it.
   */
  locate(section: string, option?: string): ConfPosition | undefined {
    if (!this.has(section, option)) return undefined;
    if (option !== undefined) {
      const edit = this.positions[this.indexOf(section)]?.editOf(option);
      if (edit !== undefined) {
        const { origin } = edit;
        if (typeof origin !== 'string') return origin;
        return this.layout?.locate(origin, option);
      }
    }
    return this.layout?.locate(section, option);
  }

  /**
   * Whether this content, if it had the sections of that table and the layout
   * of the other content, would be the same as the other one.
   */
  protected isLike(other: LocatedContent, { sections }: SectionTable): boolean {
    return (
      sameItems(sections, other.table.sections) &&
      samePositions(this.positions, other.positions) &&
      JSON.stringify(this.overrideWarnings) ===
        JSON.stringify(other.overrideWarnings)
    );
  }
}
