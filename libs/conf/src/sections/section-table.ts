import type { ConfSection } from './conf-section.js';
import { SectionIndex } from './section-index.js';

/** How many sections from the last one on are looked at before the index. */
const nearby = 4;

/** Sections in order, found by name. */
export class SectionTable {
  private known: SectionIndex | undefined;
  /**
   * The place of the section that was found last: sections are mostly asked for
   * in their own order.
   */
  private last = 0;

  constructor(
    readonly sections: readonly ConfSection[],
    index?: SectionIndex,
  ) {
    this.known = index;
  }

  /** Made when it is first needed. */
  get index(): SectionIndex {
    return (this.known ??= SectionIndex.of(this.sections));
  }

  /** A table of other sections with the same names at the same places. */
  withSame(sections: readonly ConfSection[]): SectionTable {
    return new SectionTable(sections, this.index);
  }

  find(name: string): ConfSection | undefined {
    const at = this.placeOf(name);
    return at === undefined ? undefined : this.sections[at];
  }

  /** The place of the section of that name; undefined if there is none. */
  placeOf(name: string): number | undefined {
    const { sections, last } = this;
    const end = Math.min(last + nearby, sections.length);
    for (let at = last; at < end; at++) {
      if (sections[at]!.name === name) return (this.last = at);
    }
    const at = this.index.find(name, sections);
    if (at !== undefined) this.last = at;
    return at;
  }
}
