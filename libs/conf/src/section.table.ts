import { SectionIndex } from './section.index.js';
import type { ConfSection } from './section.js';

/** How many sections from a known place on are looked at before the index is asked. */
const NEAR = 4;

/** Sections in order, found by name. */
export class SectionTable {
  readonly sections: readonly ConfSection[];
  #index: SectionIndex | undefined;
  // A configuration is mostly asked in its own order, maybe in two places by turns: for groups here, for volumes there.
  #here = 0;
  #there = 0;
  /** How far it was to the last section that was not near; groups of one size are that far from one another. */
  #step = 0;

  constructor(sections: readonly ConfSection[], index?: SectionIndex) {
    this.sections = sections;
    this.#index = index;
  }

  /** Made when it is first needed. */
  get index(): SectionIndex {
    return (this.#index ??= SectionIndex.of(this.sections));
  }

  /** A table of sections that have the same names at the same places. */
  withSame(sections: readonly ConfSection[]): SectionTable {
    return new SectionTable(sections, this.index);
  }

  find(name: string): ConfSection | undefined {
    const at = this.placeOf(name);
    return at === undefined ? undefined : this.sections[at];
  }

  /** The place of the section of that name among the sections. */
  placeOf(name: string): number | undefined {
    const near = this.#findFrom(this.#here, name);
    if (near !== undefined) return (this.#here = near);
    const at =
      this.#findFrom(this.#here + this.#step, name) ??
      this.#findFrom(this.#there, name) ??
      this.index.find(name, this.sections);
    if (at !== undefined) {
      this.#step = Math.max(0, at - this.#here);
      this.#there = this.#here;
      this.#here = at;
    }
    return at;
  }

  #findFrom(start: number, name: string): number | undefined {
    const { sections } = this;
    const end = Math.min(start + NEAR, sections.length);
    for (let at = start; at < end; at++) {
      if (sections[at]!.name === name) return at;
    }
    return undefined;
  }
}
