import type { ConfPosition } from './problem.js';
import { detach, findOption, splitValues, visitOptions } from './values.js';

/** The options of a section in the order of the file, with their values. */
export type Options = ReadonlyMap<string, readonly string[]>;

/** Lines of options: what stands between two offsets of checked text. */
export interface OptionLines {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The lines of one section. */
export interface SectionLines extends OptionLines {
  /** Whether an option may occur twice in them. */
  readonly repeats: boolean;
}

/** What a section is that was read from one place of one file. */
export interface SectionText extends SectionLines {
  readonly path: string | undefined;
  /** The line with its header, counted from 1. */
  readonly line: number;
}

/** Up to this length, looking an option up in the text costs no more than keeping all options in memory. */
const SMALL = 1024;

let makeSection: (name: string, content: SectionText | Options) => ConfSection;
let moveSection: (section: ConfSection, to: SectionLines) => void;
let leaveText: (section: ConfSection) => void;

/**
 * One section of a configuration: immutable, and free of its place in the file. As long as a section's text stays the
 * same, all maps that were read with `previous` hold the very same object, so `===` tells "unchanged" without a look
 * inside. Obtained from `ConfMap.section`.
 */
export class ConfSection {
  readonly name: string;
  readonly #path: string | undefined;
  readonly #line: number;
  /** Where its lines are: in a text that it shares with its neighbours, or nowhere if a program made it. */
  #text: string | undefined;
  #start: number;
  #end: number;
  #repeats: boolean;
  #options: Options | undefined;

  static {
    makeSection = (name, content) => new ConfSection(name, content);
    moveSection = (section, to) => section.#moveTo(to);
    leaveText = (section) => section.#leave();
  }

  private constructor(name: string, content: SectionText | Options) {
    const read = 'text' in content ? content : undefined;
    this.name = name;
    this.#path = read?.path;
    this.#line = read?.line ?? 0;
    this.#repeats = read?.repeats ?? false;
    this.#text = read?.text;
    this.#start = read?.start ?? 0;
    this.#end = read?.end ?? 0;
    this.#options = 'text' in content ? undefined : content;
    Object.freeze(this);
  }

  /**
   * Where the text of this object was first read; undefined for a section that was merged from several places or made
   * by a program. In a later map it may have moved: `ConfMap.locate` knows its place in each map.
   */
  get origin(): ConfPosition | undefined {
    return this.#line === 0 ? undefined : positionIn(this.#path, this.#line);
  }

  /** The names of the options, in the order of the file. */
  options(): string[] {
    return [...this.#all().keys()];
  }

  /** The values of an option, an empty array if it has none; undefined if there is no such option. */
  get(option: string): readonly string[] | undefined {
    const text = this.#text;
    const start = this.#start;
    const end = this.#end;
    if (
      text === undefined ||
      end - start > SMALL ||
      this.#options !== undefined
    ) {
      return this.#all().get(option);
    }
    const found = findOption(text, start, end, option, this.#repeats);
    return found === undefined ? undefined : splitValues(text, found);
  }

  /** Whether the other section has the same name and the same options with the same values, in whatever order. */
  equals(other: ConfSection): boolean {
    if (this === other) return true;
    if (this.name !== other.name) return false;
    if (this.#hasTextOf(other)) return true;
    const mine = this.#all();
    const theirs = other.#all();
    if (mine.size !== theirs.size) return false;
    for (const [option, values] of mine) {
      if (!sameValues(values, theirs.get(option))) return false;
    }
    return true;
  }

  /** Whether both were read from the same text, which is known much sooner than what the text says. */
  #hasTextOf(other: ConfSection): boolean {
    const mine = this.#text?.slice(this.#start, this.#end);
    return (
      mine !== undefined &&
      mine === other.#text?.slice(other.#start, other.#end)
    );
  }

  #all(): Options {
    if (this.#options !== undefined || this.#text === undefined) {
      return this.#options ?? new Map();
    }
    const [start, end] = [this.#start, this.#end];
    const options = readOptions([{ text: this.#text, start, end }]);
    if (end - start > SMALL) this.#options = options;
    return options;
  }

  #moveTo({ text, start, end, repeats }: SectionLines): void {
    if (this.#text === undefined) return;
    this.#text = text;
    this.#start = start;
    this.#end = end;
    this.#repeats = repeats;
  }

  #leave(): void {
    const text = this.#text;
    if (text === undefined || text.length === this.#end - this.#start) return;
    const own = detach(text.slice(this.#start, this.#end));
    const repeats = this.#repeats;
    this.#moveTo({ text: own, start: 0, end: own.length, repeats });
  }
}

/** Makes a section of checked text, or of options that are not changed any more. */
export { makeSection };
/** Gives a section another text that says the same. */
export { moveSection };
/** Gives a section a text of its own if it shares one, so that it no longer keeps all of that in memory. */
export { leaveText };

/** Reads the options of the texts of one section; a repeated option takes the place of the earlier one. */
export function readOptions(texts: readonly OptionLines[]): Options {
  const options = new Map<string, readonly string[]>();
  for (const { text, start, end } of texts) {
    visitOptions(text, start, end, (name, at) =>
      options.set(name, splitValues(text, at)),
    );
  }
  return options;
}

/** Whether two sections also agree in the order of their options. */
export function sameInOrder(one: ConfSection, other: ConfSection): boolean {
  if (one === other) return true;
  if (!one.equals(other)) return false;
  const names = other.options();
  return one.options().every((name, i) => name === names[i]);
}

/** Whether two lists of values are the same; undefined stands for no such option. */
export function sameValues(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((v, i) => v === other[i]);
}

/** A line of a file, as messages name it. */
export function positionIn(
  path: string | undefined,
  line: number,
): ConfPosition {
  return Object.freeze(path === undefined ? { line } : { path, line });
}
