import { sameValues } from '../grammar/values.js';
import type { ConfPosition } from '../problems/problem.js';
import { inspectCustom } from './inspect-custom.js';
import type { PickedOptions, SectionContent } from './section-content.js';
import type { SlicedWork } from './sliced-work.js';

/** Makes a section. Only this library does. */
export let makeSection: (name: string, content: SectionContent) => ConfSection;

/** What a section says. */
export let contentOf: (section: ConfSection) => SectionContent;

/**
 * One section of a configuration: immutable, and independent of its place in
 * the file. As long as the text of a section stays the same, all maps that were
 * read with `previous` have the very same object, so that `===` tells
 * "unchanged" without a look inside. Obtained from `ConfMap.section`.
 */
export class ConfSection {
  readonly name: string;
  private readonly content: SectionContent;

  static {
    makeSection = (name, content) => new ConfSection(name, content);
    contentOf = (section) => section.content;
  }

  private constructor(name: string, content: SectionContent) {
    this.name = name;
    this.content = content;
    Object.freeze(this);
  }

  /**
   * Where the text of this object was first read; undefined for a section that
   * was merged from several places or made by a program. In a later map it may
   * have moved: `ConfMap.locate` knows its place in each map.
   */
  get origin(): ConfPosition | undefined {
    return this.content.origin;
  }

  /** The names of the options, in the order of the file. */
  options(): string[] {
    return [...this.content.all().keys()];
  }

  /**
   * The values of an option, an empty array if it has none; undefined if there
   * is no such option.
   */
  get(option: string): readonly string[] | undefined {
    return this.content.get(option);
  }

  /**
   * Reads it, as work that can be sliced, so that the getters know what it says:
   * for a section that may have an option with hundreds of thousands of values.
   */
  *reading(): SlicedWork<void> {
    yield* this.content.reading();
  }

  /**
   * The values of some options and the names of all others, in one pass: for
   * whoever reads many sections and wants to know what else they say.
   */
  pick(names: readonly string[]): PickedOptions {
    return this.content.pick(names);
  }

  /**
   * Whether the other section has the same name and the same options with the
   * same values, in any order.
   */
  equals(other: ConfSection): boolean {
    if (this === other) return true;
    if (this.name !== other.name) return false;
    if (this.content.isWrittenLike(other.content)) return true;
    const mine = this.content.all();
    const theirs = other.content.all();
    if (mine.size !== theirs.size) return false;
    for (const [option, values] of mine) {
      if (!sameValues(values, theirs.get(option))) return false;
    }
    return true;
  }

  /** As JSON it has its name alone. */
  toJSON(): { name: string } {
    return { name: this.name };
  }

  /** `console.log` shows its name. */
  [inspectCustom](): string {
    return `ConfSection { name: '${this.name}' }`;
  }
}

/** Whether two sections also have their options in the same order. */
export function sameInOrder(one: ConfSection, other: ConfSection): boolean {
  if (one === other) return true;
  if (one.name !== other.name) return false;
  if (contentOf(one).isWrittenLike(contentOf(other))) return true;
  const mine = contentOf(one).all();
  const theirs = contentOf(other).all();
  if (mine.size !== theirs.size) return false;
  const names = theirs.keys();
  for (const [option, values] of mine) {
    if (names.next().value !== option) return false;
    if (!sameValues(values, theirs.get(option))) return false;
  }
  return true;
}
