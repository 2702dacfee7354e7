import { sameValues } from '../grammar/values.js';
import type { ConfPosition } from '../problems/problem.js';
import {
  pickFrom,
  type Options,
  type PickedOptions,
  type SectionContent,
} from '../sections/section-content.js';

/** A change of an option, after earlier changes in the same section. */
export interface OptionEdit {
  readonly option: string;
  /** Undefined where it was removed. */
  readonly values: readonly string[] | undefined;
  /** Undefined where a program made it. */
  readonly position: ConfPosition | undefined;
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
  readonly origin = undefined;
  private byOption: ReadonlyMap<string, OptionEdit> | undefined;

  constructor(
    /** Undefined where nothing is left of it. */
    readonly before: SectionContent | undefined,
    readonly last: OptionEdit,
    readonly count: number,
  ) {}

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
    let edit: OptionEdit | undefined = this.last;
    while (edit !== undefined && edit.option !== option) edit = edit.earlier;
    return edit;
  }

  get(option: string): readonly string[] | undefined {
    const edit = this.editOf(option);
    return edit === undefined ? this.before?.get(option) : edit.values;
  }

  pick(names: readonly string[]): PickedOptions {
    return pickFrom(this.all(), names);
  }

  all(): Options {
    return this.copy();
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
    let mine: OptionEdit | undefined = this.last;
    let theirs: OptionEdit | undefined = other.last;
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

function inOrder(last: OptionEdit): OptionEdit[] {
  const edits: OptionEdit[] = [];
  let edit: OptionEdit | undefined = last;
  for (; edit !== undefined; edit = edit.earlier) edits.push(edit);
  return edits.reverse();
}

function entry(edit: OptionEdit): [string, OptionEdit] {
  return [edit.option, edit];
}
