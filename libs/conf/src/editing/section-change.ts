import { sameValues } from '../grammar/values.js';
import type { ConfPosition } from '../problems/problem.js';
import {
  contentOf,
  makeSection,
  sameInOrder,
  type ConfSection,
} from '../sections/conf-section.js';
import {
  MadeContent,
  type SectionContent,
} from '../sections/section-content.js';
import { EditedContent, fewEdits, type OptionEdit } from './edited-content.js';

/** A section that is edited, and what it becomes. */
export class SectionChange {
  private content: SectionContent | undefined;
  private last: OptionEdit | undefined;
  private count = 0;

  /** The section as it was; its earlier changes, if it had any, are gone on with. */
  constructor(
    private readonly section: ConfSection | undefined,
    earlier: EditedContent | undefined,
  ) {
    this.content = section && contentOf(section);
    if (earlier === undefined) return;
    this.content = earlier.before;
    this.last = earlier.last;
    this.count = earlier.count;
  }

  set(
    option: string,
    values: readonly string[],
    position: ConfPosition | undefined,
  ): void {
    const isFrozen = Object.isFrozen(values);
    this.add(option, isFrozen ? values : Object.freeze([...values]), position);
  }

  delete(option: string): void {
    this.add(option, undefined, undefined);
  }

  clear(): void {
    this.content = undefined;
    this.last = undefined;
    this.count = 0;
  }

  /**
   * The section as it is now, which is the one before if it says the same, and
   * the changes; undefined if no option is left.
   */
  make(name: string): EditedSection | undefined {
    const { content, last, count } = this;
    if (last === undefined) return undefined;
    const edited = new EditedContent(content, last, count);
    if (last.values === undefined && edited.all().size === 0) return undefined;
    const edits = count > fewEdits ? this.compact(edited) : edited;
    const after = makeSection(name, edits);
    return { section: this.isSame(after, last) ? this.section! : after, edits };
  }

  private isSame(after: ConfSection, last: OptionEdit): boolean {
    const { section } = this;
    if (section === undefined) return false;
    // Seen at a glance, mostly, which counts with 100,000 sections.
    if (!sameValues(section.get(last.option), last.values)) return false;
    return sameInOrder(section, after);
  }

  /** One change for each option, however often they were changed. */
  private compact(edited: EditedContent): EditedContent {
    this.content = new MadeContent(edited.copy());
    this.last = undefined;
    this.count = 0;
    for (const { option, values, position } of edited.edits.values()) {
      this.add(option, values, position);
    }
    return new EditedContent(this.content, this.last!, this.count);
  }

  private add(
    option: string,
    values: readonly string[] | undefined,
    position: ConfPosition | undefined,
  ): void {
    this.last = { option, values, position, earlier: this.last };
    this.count++;
  }
}

/** A section that was edited. */
export interface EditedSection {
  readonly section: ConfSection;
  readonly edits: EditedContent;
}
