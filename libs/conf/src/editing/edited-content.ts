import { sameValues } from '../grammar/values.js';
import type { ConfPosition } from '../problems/problem.js';
import type {
  Options,
  PickedOptions,
  SectionContent,
} from '../sections/section-content.js';
import type { SlicedWork } from '../sections/sliced-work.js';

/**
 * Where an option is from: its position, or the name of the section in whose
 * text it stands.
 */
export type OptionOrigin = ConfPosition | string;

/**
 * A change of an option, after earlier changes in the same section. Sections that
 * were changed alike share them.
 */
export interface OptionEdit {
  readonly option: string;
  /** Undefined where it was removed. */
  readonly values: readonly string[] | undefined;
  /** Undefined where a program made it. */
  readonly origin: OptionOrigin | undefined;
  readonly earlier: OptionEdit | undefined;
}

/** Among so few changes one is found by looking at all of them. */
export const fewEdits = 16;

/**
 * What a section says after some changes. It has nothing but these changes and
 * what it said before, which takes far less memory than a map of options. There
 * may be 100,000 such sections.
 */
export class EditedContent implements SectionContent {
  private byOption: ReadonlyMap<string, OptionEdit> | undefined;

  constructor(
    /** Undefined where nothing is left of it. */
    readonly before: SectionContent | undefined,
    /** Undefined where there is no change yet. */
    readonly last: OptionEdit | undefined,
    readonly count: number,
  ) {}

  get origin(): undefined {
    return undefined;
  }

  /** The last change of each option that was changed. */
  get edits(): ReadonlyMap<string, OptionEdit> {
    return this.byOption ?? new Map(inOrder(this.last).map(entry));
  }

  /** The last change of an option; undefined if there is none. */
  editOf(option: string): OptionEdit | undefined {
    if (this.count > fewEdits) {
      this.byOption ??= this.edits;
      return this.byOption.get(option);
    }
    let edit = this.last;
    while (edit !== undefined && edit.option !== option) edit = edit.earlier;
    return edit;
  }

  get(option: string): readonly string[] | undefined {
    const edit = this.editOf(option);
    return edit === undefined ? this.before?.get(option) : edit.values;
  }

  pick(names: readonly string[]): PickedOptions {
    const others = new Set(this.before?.pick(names).others);
    for (const { option, values } of inOrder(this.last)) {
      if (values === undefined) others.delete(option);
      else if (!names.includes(option)) others.add(option);
    }
    return { values: names.map((name) => this.get(name)), others: [...others] };
  }

  all(): Options {
    return this.copy();
  }

  *reading(): SlicedWork<void> {
    if (this.before !== undefined) yield* this.before.reading();
  }

  copy(): Map<string, readonly string[]> {
    const options = this.before?.copy() ?? new Map<string, readonly string[]>();
    for (const { option, values } of inOrder(this.last)) {
      if (values === undefined) options.delete(option);
      else options.set(option, values);
    }
    return options;
  }

  isWrittenLike(other: SectionContent): boolean {
    if (!(other instanceof EditedContent)) return false;
    if (this.count !== other.count) return false;
    let mine = this.last;
    let theirs = other.last;
    while (mine !== undefined && theirs !== undefined) {
      if (mine.option !== theirs.option) return false;
      if (!sameValues(mine.values, theirs.values)) return false;
      mine = mine.earlier;
      theirs = theirs.earlier;
    }
    const { before } = this;
    if (before === other.before) return true;
    if (before === undefined || other.before === undefined) return false;
    return before.isWrittenLike(other.before);
  }
}

/** A change and those before it, in the order in which they were made. */
export function inOrder(last: OptionEdit | undefined): OptionEdit[] {
  const edits: OptionEdit[] = [];
  let edit = last;
  for (; edit !== undefined; edit = edit.earlier) edits.push(edit);
  return edits.reverse();
}

function entry(edit: OptionEdit): [string, OptionEdit] {
  return [edit.option, edit];
}
