import type { ConfPosition } from '../problems/problem.js';
import { contentOf, type ConfSection } from '../sections/conf-section.js';
import { inspectCustom } from '../sections/inspect-custom.js';
import { SectionIndex } from '../sections/section-index.js';
import { SectionTable } from '../sections/section-table.js';
import { doAtOnce, type SlicedWork } from '../sections/sliced-work.js';
import { EditedContent } from './edited-content.js';
import type { OptionPositions } from './option-positions.js';
import {
  changed,
  changedAlike,
  makeEdited,
  type OptionChange,
} from './section-change.js';
import { checkSectionName, checkWritable } from './writable.js';

/** What an editor made of a map. */
export interface EditedMap {
  readonly table: SectionTable;
  readonly positions: OptionPositions;
}

/** A section that the map did not have. */
interface AddedSection {
  readonly name: string;
  content: EditedContent;
}

/** How many changed sections are made between two yields. */
const sectionsBetweenYields = 128;

/** How many places are looked at between two yields where nothing has changed. */
const placesBetweenYields = 4096;

const nothing = new EditedContent(undefined, undefined, 0);

/**
 * Collects changes to a map and makes a new map with them. The map that it was
 * made from stays as it is. Sections without changes are shared by both maps,
 * and options without changes keep their positions.
 */
export class ConfMapEditor<Result> {
  /** What sections of the map say now, by place; undefined where it is what they said. */
  private readonly edited: (EditedContent | undefined)[];
  /** The other sections, which may be a million too, in the order in which they came. */
  private readonly added: AddedSection[] = [];
  private readonly placesOfAdded = new SectionIndex();
  /** What sections have in common, by the list of changes. */
  private readonly common = new Map<readonly OptionChange[], EditedContent>();

  /** @internal Obtained from `ConfMap.edit`. */
  constructor(
    private readonly table: SectionTable,
    private readonly positions: OptionPositions,
    private readonly make: (edited: EditedMap) => Result,
  ) {
    // oxlint-disable-next-line no-new-array -- at its size from the beginning, for there may be a million
    this.edited = new Array<EditedContent | undefined>(table.sections.length);
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
    return this.change(section, [], [{ option, values, position }]);
  }

  /**
   * Removes an option, or a section with all its options. It is no mistake if
   * there is none.
   */
  delete(section: string, option?: string): this {
    const place = this.table.placeOf(section);
    const content = option === undefined ? nothing : this.at(place, section);
    const changes = option === undefined ? [] : [{ option, values: undefined }];
    this.put(place, section, changed(content, changes));
    return this;
  }

  /**
   * Makes changes that many sections have in common, and then those of the
   * section's own. The list of the former is checked and kept once, however many
   * sections it is given for: do not change it.
   * @throws ConfValueError for a name or a value that the format cannot write.
   */
  change(
    section: string,
    common: readonly OptionChange[],
    own: readonly OptionChange[] = [],
  ): this {
    checkSectionName(section);
    if (common.length + own.length === 0) return this;
    const place = this.table.placeOf(section);
    let content = this.at(place, section);
    if (common.length > 0) {
      content = changedAlike(content, this.commonOf(section, common));
    }
    if (own.length > 0) content = changed(content, this.checked(section, own));
    this.put(place, section, content);
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
    const { edited, table } = this;
    const { length } = table.sections;
    const room = length + this.added.length;
    // oxlint-disable-next-line no-new-array -- at its size from the beginning, for there may be millions
    const sections = new Array<ConfSection | undefined>(room);
    // oxlint-disable-next-line no-new-array -- like the sections
    const positions = new Array<EditedContent | undefined>(room);
    let made = 0;
    let gone = 0;
    for (let place = 0; place < length; place++) {
      if (place % placesBetweenYields === placesBetweenYields - 1) yield;
      const content = edited[place];
      if (content === undefined) {
        sections[place] = table.sections[place];
        positions[place] = this.positions[place];
        continue;
      }
      if (++made % sectionsBetweenYields === 0) yield;
      const before = table.sections[place]!;
      const after = makeEdited(before.name, before, content);
      sections[place] = after?.section;
      positions[place] = after?.edits;
      if (after === undefined) gone++;
    }
    let end = length;
    for (const { name, content } of this.added) {
      if (++made % sectionsBetweenYields === 0) yield;
      const after = makeEdited(name, undefined, content);
      if (after === undefined) continue;
      sections[end] = after.section;
      positions[end] = after.edits;
      end++;
    }
    sections.length = end;
    positions.length = end;
    if (gone > 0) closeGaps(sections, positions);
    const left = sections as ConfSection[];
    const hasSameNames = gone === 0 && left.length === length;
    const changedTable = hasSameNames
      ? table.withSame(left)
      : new SectionTable(left, yield* SectionIndex.indexing(left));
    return this.make({ table: changedTable, positions });
  }

  /** As JSON it is empty. */
  toJSON(): object {
    return {};
  }

  /** `console.log` shows no more than what it is. */
  [inspectCustom](): string {
    return 'ConfMapEditor {}';
  }

  /** What a section says now. */
  private at(place: number | undefined, name: string): EditedContent {
    const { added, edited, placesOfAdded, positions, table } = this;
    if (place === undefined) {
      const found = placesOfAdded.find(name, added);
      return found === undefined ? nothing : added[found]!.content;
    }
    const content = edited[place] ?? positions[place];
    if (content !== undefined) return content;
    const before = contentOf(table.sections[place]!);
    return new EditedContent(before, undefined, 0);
  }

  private put(
    place: number | undefined,
    name: string,
    content: EditedContent,
  ): void {
    if (place !== undefined) {
      this.edited[place] = content;
      return;
    }
    const { added, placesOfAdded } = this;
    const taken = placesOfAdded.claim(name, added);
    if (taken === undefined) added.push({ name, content });
    else added[taken]!.content = content;
  }

  private commonOf(
    section: string,
    changes: readonly OptionChange[],
  ): EditedContent {
    let found = this.common.get(changes);
    if (found === undefined) {
      found = changed(nothing, this.checked(section, changes));
      this.common.set(changes, found);
    }
    return found;
  }

  /** The changes, if all of them can be written, and where their options are from. */
  private checked(
    section: string,
    changes: readonly OptionChange[],
  ): readonly OptionChange[] {
    return changes.map((change) => {
      const { option, values, position } = change;
      if (values !== undefined) checkWritable(section, option, values);
      if (typeof position !== 'string') return change;
      const place = this.table.placeOf(position);
      // The text that the map is from may still have what is gone.
      const gone = { ...change, position: undefined };
      if (place === undefined) return gone;
      const edits = this.positions[place];
      if (edits === undefined) return change;
      if (this.table.sections[place]!.get(option) === undefined) return gone;
      const moved = edits.editOf(option);
      return moved === undefined
        ? change
        : { ...change, position: moved.origin };
    });
  }
}

/** Takes out the places at which no section is left, and their positions. */
function closeGaps(
  sections: (ConfSection | undefined)[],
  positions: (EditedContent | undefined)[],
): void {
  let left = 0;
  for (let place = 0; place < sections.length; place++) {
    if (sections[place] === undefined) continue;
    sections[left] = sections[place];
    positions[left] = positions[place];
    left++;
  }
  sections.length = left;
  positions.length = left;
}
