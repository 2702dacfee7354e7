import type { ConfPosition } from './problem.js';
import { findOption, splitValues, visitOptions } from './values.js';

/** The options of a section in the order of the file, with their values. */
export type Options = ReadonlyMap<string, readonly string[]>;

/** A piece of checked text of one section, at its place in a file. */
export interface Run {
  readonly text: string;
  /** Where its first line of options begins: behind the header, if it has one. */
  readonly body: number;
  /** How many lines the text has. */
  readonly lineCount: number;
  /** Whether an option may occur twice in it. */
  readonly repeats: boolean;
  readonly path: string | undefined;
  /** The line of its first character, counted from 1. */
  readonly line: number;
}

/** Up to this length, looking an option up in the text costs no more than keeping all options in memory. */
const SMALL = 1024;

let runOf: (section: ConfSection) => Run | undefined;
let makeSection: (name: string, content: Run | Options) => ConfSection;

/**
 * One section of a configuration: immutable, and free of its place in the file. As long as a section's text stays the
 * same, all maps that were read with `previous` hold the very same object, so `===` tells "unchanged" without a look
 * inside. Obtained from `ConfMap.section`.
 */
export class ConfSection {
  readonly name: string;
  readonly #run: Run | undefined;
  #options: Options | undefined;

  static {
    runOf = (section) => section.#run;
    makeSection = (name, content) => new ConfSection(name, content);
  }

  private constructor(name: string, content: Run | Options) {
    this.name = name;
    if ('text' in content) this.#run = content;
    else this.#options = content;
    Object.freeze(this);
  }

  /**
   * Where the text of this object was first read; undefined for a section that was merged from several places or made
   * by a program. In a later map it may have moved: `ConfMap.locate` knows its place in each map.
   */
  get origin(): ConfPosition | undefined {
    return this.#run && positionIn(this.#run, 0);
  }

  /** The names of the options, in the order of the file. */
  options(): string[] {
    return [...this.#all().keys()];
  }

  /** The values of an option, an empty array if it has none; undefined if there is no such option. */
  get(option: string): readonly string[] | undefined {
    const run = this.#options === undefined ? this.#run : undefined;
    return run === undefined || run.text.length > SMALL
      ? this.#all().get(option)
      : find(run, option);
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
    const mine = this.#run;
    const theirs = other.#run;
    return (
      mine !== undefined &&
      mine.text === theirs?.text &&
      mine.body === theirs.body
    );
  }

  #all(): Options {
    if (this.#options !== undefined || this.#run === undefined) {
      return this.#options ?? new Map();
    }
    const options = readOptions([this.#run]);
    if (this.#run.text.length > SMALL) this.#options = options;
    return options;
  }
}

export { makeSection, runOf };

/** Reads the options of the runs of one section; a repeated option takes the place of the earlier one. */
export function readOptions(runs: readonly Run[]): Options {
  const options = new Map<string, readonly string[]>();
  for (const { text, body } of runs) {
    visitOptions(text, body, (name, start, end) =>
      options.set(name, splitValues(text, start, end)),
    );
  }
  return options;
}

/** Whether two sections also agree in the order of their options. */
export function sameInOrder(one: ConfSection, other: ConfSection): boolean {
  if (!one.equals(other)) return false;
  const names = other.options();
  return one.options().every((name, i) => name === names[i]);
}

function find(
  { text, body, repeats }: Run,
  option: string,
): readonly string[] | undefined {
  const found = findOption(text, body, option, repeats);
  return found && splitValues(text, found.start, found.end);
}

/** Whether two lists of values are the same; undefined stands for no such option. */
export function sameValues(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((v, i) => v === other[i]);
}

/** The place of a line of a run; 0 is its first one. */
export function positionIn(run: Run, line: number): ConfPosition {
  const at = { line: run.line + line };
  return Object.freeze(run.path === undefined ? at : { path: run.path, ...at });
}
