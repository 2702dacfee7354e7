import type { ConfPosition } from '../problems/problem.js';
import {
  makeSection,
  sameInOrder,
  type ConfSection,
} from '../sections/conf-section.js';
import { inspectCustom } from '../sections/inspect-custom.js';
import { MadeContent, type Options } from '../sections/section-content.js';
import { SectionTable } from '../sections/section-table.js';
import type { OptionPositions, SectionPositions } from './option-positions.js';
import { checkWritable } from './writable.js';

type MutablePositions = Map<string, ConfPosition | undefined>;

/** What an editor made of a map. */
export interface EditedMap {
  readonly table: SectionTable;
  readonly positions: OptionPositions;
}

/**
 * Collects changes to a map and makes a new map with them. The map that it was
 * made from stays as it is. Sections without changes are shared by both maps,
 * and options without changes keep their positions.
 */
export class ConfMapEditor<Result> {
  private readonly changes = new Map<string, Map<string, readonly string[]>>();
  private readonly positions: Map<string, SectionPositions>;
  /** Those of them that no map shares, so that they may be changed. */
  private readonly ownPositions = new Map<string, MutablePositions>();

  /** @internal Obtained from `ConfMap.edit`. */
  constructor(
    private readonly table: SectionTable,
    positions: OptionPositions,
    private readonly make: (edited: EditedMap) => Result,
  ) {
    this.positions = new Map(positions);
  }

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
    this.optionsOf(section).set(option, Object.freeze([...values]));
    this.positionsOf(section).set(option, position);
    return this;
  }

  /**
   * Removes an option, or a section with all its options. It is no mistake if
   * there is none.
   */
  delete(section: string, option?: string): this {
    const options = this.optionsOf(section);
    if (option === undefined) options.clear();
    else options.delete(option);
    return this;
  }

  /**
   * Makes the new map. A section that is left without options is no part of it,
   * because the format has no such sections.
   */
  build(): Result {
    const positions = new Map(this.positions);
    this.ownPositions.clear();
    const sections = this.table.sections.slice();
    const gone = new Set<number>();
    const added: ConfSection[] = [];
    for (const [name, options] of this.changes) {
      const at = this.table.placeOf(name);
      if (at !== undefined && options.size > 0) {
        sections[at] = withOptions(sections[at]!, options);
      } else if (at !== undefined) {
        gone.add(at);
      } else if (options.size > 0) {
        added.push(makeSection(name, new MadeContent(new Map(options))));
      }
    }
    if (gone.size + added.length === 0) {
      return this.make({ table: this.table.withSame(sections), positions });
    }
    const left = sections.filter((_, at) => !gone.has(at)).concat(added);
    return this.make({ table: new SectionTable(left), positions });
  }

  /** As JSON it is empty. */
  toJSON(): object {
    return {};
  }

  /** `console.log` shows no more than what it is. */
  [inspectCustom](): string {
    return 'ConfMapEditor {}';
  }

  private optionsOf(name: string): Map<string, readonly string[]> {
    let options = this.changes.get(name);
    if (options === undefined) {
      const section = this.table.find(name);
      options = new Map(
        section?.options().map((option) => [option, section.get(option) ?? []]),
      );
      this.changes.set(name, options);
    }
    return options;
  }

  private positionsOf(name: string): MutablePositions {
    let positions = this.ownPositions.get(name);
    if (positions === undefined) {
      positions = new Map(this.positions.get(name));
      this.ownPositions.set(name, positions);
      this.positions.set(name, positions);
    }
    return positions;
  }
}

function withOptions(before: ConfSection, options: Options): ConfSection {
  const after = makeSection(before.name, new MadeContent(new Map(options)));
  return sameInOrder(before, after) ? before : after;
}
