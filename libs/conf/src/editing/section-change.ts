import { sameValues } from '../grammar/values.js';
import {
  makeSection,
  sameInOrder,
  type ConfSection,
} from '../sections/conf-section.js';
import { MadeContent } from '../sections/section-content.js';
import {
  EditedContent,
  fewEdits,
  inOrder,
  type OptionEdit,
  type OptionOrigin,
} from './edited-content.js';

/** A change of an option, as it is asked for. */
export interface OptionChange {
  readonly option: string;
  /** Undefined removes the option. */
  readonly values: readonly string[] | undefined;
  /**
   * The position that messages about the option will name: for an option that
   * was moved from elsewhere. The name of the section in which it stood says the
   * same, and is looked up when it is asked for.
   */
  readonly position?: OptionOrigin | undefined;
}

/** A section that was edited. */
export interface EditedSection {
  readonly section: ConfSection;
  readonly edits: EditedContent;
}

/** What a section says after some more changes. */
export function changed(
  content: EditedContent,
  changes: readonly OptionChange[],
): EditedContent {
  let { last } = content;
  for (const { option, values, position: origin } of changes) {
    last = { option, values: values && frozen(values), origin, earlier: last };
  }
  const count = content.count + changes.length;
  return new EditedContent(content.before, last, count);
}

/**
 * What a section says after changes that several sections have in common: they
 * share them, unless they have had changes of their own.
 */
export function changedAlike(
  content: EditedContent,
  { last, count }: EditedContent,
): EditedContent {
  return content.last === undefined
    ? new EditedContent(content.before, last, count)
    : changed(content, inOrder(last).map(changeOf));
}

/**
 * A section as it is after changes, which is the one before if it says the same;
 * undefined if no option is left.
 */
export function makeEdited(
  name: string,
  before: ConfSection | undefined,
  content: EditedContent,
): EditedSection | undefined {
  const { last, count } = content;
  if (last === undefined) return undefined;
  if (last.values === undefined && content.all().size === 0) return undefined;
  const edits = count > fewEdits ? compact(content) : content;
  const after = makeSection(name, edits);
  const isSame = before !== undefined && saysTheSame(before, after, last);
  return { section: isSame ? before : after, edits };
}

function saysTheSame(
  before: ConfSection,
  after: ConfSection,
  last: OptionEdit,
): boolean {
  // Seen at a glance, mostly, which counts with 100,000 sections.
  if (!sameValues(before.get(last.option), last.values)) return false;
  return sameInOrder(before, after);
}

/** One change for each option, however often they were changed. */
function compact(content: EditedContent): EditedContent {
  const made = new EditedContent(new MadeContent(content.copy()), undefined, 0);
  return changed(made, [...content.edits.values()].map(changeOf));
}

function changeOf({ option, values, origin }: OptionEdit): OptionChange {
  return { option, values, position: origin };
}

function frozen(values: readonly string[]): readonly string[] {
  return Object.isFrozen(values) ? values : Object.freeze([...values]);
}
