import { visitOptions } from '../grammar/option-lines.js';
import { cutValues, splitValues } from '../grammar/values.js';
import type { ConfPosition } from '../problems/problem.js';
import type { SlicedWork } from './sliced-work.js';

/** The options of a section in the order of the file, with their values. */
export type Options = ReadonlyMap<string, readonly string[]>;

/** Some options of a section, and the names of its other ones. */
export interface PickedOptions {
  /** In the order in which they were asked for; undefined where there is none. */
  readonly values: readonly (readonly string[] | undefined)[];
  /** In the order of the file. */
  readonly others: readonly string[];
}

/** What a section says. */
export interface SectionContent {
  /** Where it was first read; undefined if it was not read from one place. */
  readonly origin: ConfPosition | undefined;
  all(): Options;
  /** A copy of them, free to be changed. */
  copy(): Map<string, readonly string[]>;
  /** The values of an option; undefined if there is no such option. */
  get(option: string): readonly string[] | undefined;
  pick(names: readonly string[]): PickedOptions;
  /** Reads a long section, so that what is asked of it next is known. */
  reading(): SlicedWork<void>;
  /**
   * Whether it can be seen without reading them that both say the same, in the
   * same order. If not, they may say the same nevertheless.
   */
  isWrittenLike(other: SectionContent): boolean;
}

/** Lines with options: what is between two offsets of checked text. */
export interface OptionLines {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Options that a program made, or that were merged from several places. */
export class MadeContent implements SectionContent {
  readonly origin = undefined;

  constructor(private readonly options: Options) {}

  all(): Options {
    return this.options;
  }

  copy(): Map<string, readonly string[]> {
    return new Map(this.options);
  }

  get(option: string): readonly string[] | undefined {
    return this.options.get(option);
  }

  pick(names: readonly string[]): PickedOptions {
    return pickFrom(this.options, names);
  }

  *reading(): SlicedWork<void> {}

  isWrittenLike(other: SectionContent): boolean {
    return this === other;
  }
}

/** {@link SectionContent.pick} where all options are known. */
export function pickFrom(
  options: Options,
  names: readonly string[],
): PickedOptions {
  return {
    values: names.map((name) => options.get(name)),
    others: [...options.keys()].filter((name) => !names.includes(name)),
  };
}

/**
 * Reads the options of a section that may stand in several places; a repeated
 * option replaces the earlier one.
 */
export function readOptions(
  places: readonly OptionLines[],
): Map<string, readonly string[]> {
  const options = new Map<string, readonly string[]>();
  for (const { text, start, end } of places) {
    visitOptions(text, start, end, (name, at) =>
      options.set(name, splitValues(text, at)),
    );
  }
  return options;
}

/** {@link readOptions} of one place, as work that can be sliced. */
export function* readingOptions({
  text,
  start,
  end,
}: OptionLines): SlicedWork<Options> {
  const starts: (readonly [name: string, at: number])[] = [];
  visitOptions(text, start, end, (name, at) => starts.push([name, at]));
  const options = new Map<string, readonly string[]>();
  for (const [name, at] of starts) {
    options.set(name, yield* splittingValues(text, at));
  }
  return options;
}

const valuesBetweenYields = 4096;

function* splittingValues(
  text: string,
  start: number,
): SlicedWork<readonly string[]> {
  const values: string[] = [];
  let at: number | undefined = start;
  while (at !== undefined) {
    at = cutValues(text, at, values, values.length + valuesBetweenYields);
    yield;
  }
  return Object.freeze(values);
}
