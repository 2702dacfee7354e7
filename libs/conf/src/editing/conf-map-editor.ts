import type { ConfPosition } from '../problems/problem.js';
import type { ConfSection } from '../sections/conf-section.js';
import { inspectCustom } from '../sections/inspect-custom.js';
import { SectionIndex } from '../sections/section-index.js';
import { SectionTable } from '../sections/section-table.js';
import { doAtOnce, type SlicedWork } from '../sections/sliced-work.js';
import type { OptionPositions } from './option-positions.js';
import { SectionChange } from './section-change.js';
import { checkWritable } from './writable.js';

/** What an editor made of a map. */
export interface EditedMap {
  readonly table: SectionTable;
  readonly positions: OptionPositions;
}

/** How many changed sections are made between two yields. */
const sectionsBetweenYields = 128;

/**
 * Collects changes to a map and makes a new map with them. The map that it was
 * made from stays as it is. Sections without changes are shared by both maps,
 * and options without changes keep their positions.
 */
export class ConfMapEditor<Result> {
  private readonly changes = new Map<string, SectionChange>();

  /** @internal Obtained from `ConfMap.edit`. */
  constructor(
    private readonly table: SectionTable,
    private readonly positions: OptionPositions,
    private readonly make: (edited: EditedMap) => Result,
  ) {}

  /**
   * Gives an option its values, making the option and its section where they do
   * not exist. The position, if given, is the one that messages about the
   * option will name: for an option that was moved from elsewhere.
   * @throws ConfValueError for a name or a value that the format cannot write.
   */
  set(
    section: string,
    option: string,
    values: readonly string[],
    position?: ConfPosition,
  ): this {
    checkWritable(section, option, values);
    this.changeOf(section).set(option, values, position);
    return this;
  }

  /**
   * Removes an option, or a section with all its options. It is no mistake if
   * there is none.
   */
  delete(section: string, option?: string): this {
    const change = this.changeOf(section);
    if (option === undefined) change.clear();
    else change.delete(option);
    return this;
  }

  /**
   * Makes the new map. A section that is left without options is no part of it,
   * because the format has no such sections.
   */
  build(): Result {
    return doAtOnce(this.building());
  }

  /**
   * {@link build} as work that can be sliced: it yields every few hundred
   * sections. Change nothing before it is done.
   */
  *building(): SlicedWork<Result> {
    const positions = new Map(this.positions);
    const sections: (ConfSection | undefined)[] = this.table.sections.slice();
    const { length } = sections;
    let made = 0;
    let hasGone = false;
    for (const [name, change] of this.changes) {
      if (++made % sectionsBetweenYields === 0) yield;
      const edited = change.make(name);
      const section = edited?.section;
      if (edited === undefined) positions.delete(name);
      else positions.set(name, edited.edits);
      const place = this.table.placeOf(name);
      if (place === undefined) {
        if (section !== undefined) sections.push(section);
      } else {
        sections[place] = section;
        hasGone ||= section === undefined;
      }
    }
    const left = hasGone
      ? sections.filter((section) => section !== undefined)
      : (sections as ConfSection[]);
    const table =
      hasGone || left.length > length
        ? new SectionTable(left, yield* SectionIndex.indexing(left))
        : this.table.withSame(left);
    return this.make({ table, positions });
  }

  /** As JSON it is empty. */
  toJSON(): object {
    return {};
  }

  /** `console.log` shows no more than what it is. */
  [inspectCustom](): string {
    return 'ConfMapEditor {}';
  }

  private changeOf(name: string): SectionChange {
    let change = this.changes.get(name);
    if (change === undefined) {
      const section = this.table.find(name);
      change = new SectionChange(section, this.positions.get(name));
      this.changes.set(name, change);
    }
    return change;
  }
}
