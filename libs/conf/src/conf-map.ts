import {
  convertBoolean,
  convertDuration,
  convertInteger,
  convertNumber,
  convertUuid,
  type Converted,
  type NumberBounds,
} from './convert.js';
import { dumpSections } from './dump.js';
import { checkWritable, ConfMapEditor, type Moves } from './editor.js';
import { ConfValueError } from './errors.js';
import { loadLayout } from './load.js';
import { Layout } from './layout.js';
import { OVERRIDES_PATH, parseOverrides } from './overrides.js';
import { parseLayout } from './parse.js';
import type { LoadOptions } from './reading.js';
import { quote, type ConfPosition, type ConfProblem } from './problem.js';
import type { ConfLimits } from './limits.js';
import { makeSection, type ConfSection } from './section.js';
import { SectionTable } from './section.table.js';

/** How a text is parsed. */
export interface ParseOptions {
  /** What messages call the text. */
  readonly path?: string;
  /** An earlier map of much the same text: sections that are as they were are taken over from it, not parsed. */
  readonly previous?: ConfMap;
  readonly limits?: Partial<ConfLimits>;
}

/** How files are read. */
export interface FromFileOptions extends LoadOptions {
  /** An earlier map of much the same files: sections that are as they were are taken over from it, not parsed. */
  readonly previous?: ConfMap;
}

/** Bounds for a number, both included, and what to return for an option that does not exist. */
export interface NumberOptions extends NumberBounds {
  readonly fallback?: number;
}

/** The content of a configuration as plain data. */
export type ConfObject = Record<string, Record<string, string[]>>;

let layoutOf: (confMap: ConfMap | undefined) => Layout | undefined;

const NO_MOVES: Moves = new Map();

/**
 * A configuration: section name -> option name -> list of values. Immutable. Sections and options keep the order of
 * the file; a section has at least one option.
 */
export class ConfMap {
  readonly #table: SectionTable;
  /** What was parsed and is compared with when this map is given as `previous`. */
  readonly #origin: ConfMap;
  readonly #layout: Layout | undefined;
  readonly #moves: Moves;
  #overridden: { readonly key: string; readonly map: ConfMap } | undefined;

  static {
    layoutOf = (confMap) =>
      confMap === undefined ? undefined : confMap.#layout;
  }

  private constructor(table: SectionTable, origin?: ConfMap, moves = NO_MOVES) {
    this.#table = table;
    this.#origin = origin ?? this;
    this.#layout = table instanceof Layout ? table : layoutOf(origin);
    this.#moves = moves;
    Object.freeze(this);
  }

  /**
   * Parses a text. With `previous`, unchanged sections keep their identity, and text that changes nothing at all gives
   * the previous map itself. `.include` is refused: only fromFile can follow it.
   * @throws ConfSyntaxError with all problems of the text.
   */
  static parse(text: string, options: ParseOptions = {}): ConfMap {
    const { previous, ...rest } = options;
    return ConfMap.#from(
      parseLayout(text, { ...rest, previous: layoutOf(previous) }),
      previous,
    );
  }

  /**
   * Reads a file and what it includes as one snapshot: it reads until no file changed meanwhile. The event loop is not
   * held up: parsing pauses every few milliseconds. With `previous`, unchanged sections keep their identity, and files
   * that change nothing at all give the previous map itself (of a map that was changed by `withOverrides` or `edit`:
   * the map as it was read).
   * @throws ConfFileError or ConfSyntaxError with all problems of all files; the reason of `signal` when it aborts.
   */
  static async fromFile(
    path: string,
    options: FromFileOptions = {},
  ): Promise<ConfMap> {
    const { previous, ...rest } = options;
    const layout = await loadLayout(path, rest, layoutOf(previous));
    return ConfMap.#from(layout, previous);
  }

  /**
   * Makes a map of plain data. A single string stands for a list of one; sections without options are left out.
   * @throws ConfValueError for a name or a value that the format cannot write.
   */
  static fromObject(
    object: Readonly<
      Record<string, Readonly<Record<string, string | readonly string[]>>>
    >,
  ): ConfMap {
    const sections: ConfSection[] = [];
    for (const [name, entries] of Object.entries(object)) {
      const options = new Map<string, readonly string[]>();
      for (const [option, given] of Object.entries(entries)) {
        const values = typeof given === 'string' ? [given] : [...given];
        checkWritable(name, option, values);
        options.set(option, Object.freeze(values));
      }
      if (options.size > 0) sections.push(makeSection(name, options));
    }
    return new ConfMap(new SectionTable(sections));
  }

  /** Begins a changed copy of a map. */
  static edit(confMap: ConfMap): ConfMapEditor<ConfMap> {
    return new ConfMapEditor(
      confMap.#table,
      confMap.#moves,
      ({ table, moves }) => new ConfMap(table, confMap.#origin, moves),
    );
  }

  static #from(layout: Layout, previous: ConfMap | undefined): ConfMap {
    return previous !== undefined && previous.#layout === layout
      ? previous.#origin
      : new ConfMap(layout);
  }

  /** Doubtful things in the text that are no errors: repeated options, a missing last newline. */
  get warnings(): readonly ConfProblem[] {
    return this.#layout?.warnings ?? [];
  }

  /** The absolute paths of all files that were read, the main one first: what a watcher has to watch. */
  get files(): readonly string[] {
    return this.#layout?.files ?? [];
  }

  /** Whether there are no sections. */
  get isEmpty(): boolean {
    return this.size === 0;
  }

  /**
   * A map in which options have other values: `Section.Option=value, value` or with a colon, as in a file; no value
   * after the sign empties the option. The same strings on the same map give the same map. The section's name ends at
   * the first dot, unless only a later one gives the name of an existing section.
   * @throws ConfValueError listing all malformed strings.
   */
  withOverrides(strings: readonly string[]): ConfMap {
    if (strings.length === 0) return this;
    const key = JSON.stringify(strings);
    if (this.#overridden?.key === key) return this.#overridden.map;
    const overrides = parseOverrides(strings, (name) => this.has(name));
    const editor = ConfMap.edit(this);
    overrides.forEach(({ section, option, values }, i) =>
      editor.set(section, option, values, {
        path: OVERRIDES_PATH,
        line: i + 1,
      }),
    );
    this.#overridden = { key, map: editor.build() };
    return this.#overridden.map;
  }

  /** The names of the sections, in the order of the file. */
  sections(): string[] {
    return this.#table.sections.map((section) => section.name);
  }

  /** How many sections there are. */
  get size(): number {
    return this.#table.sections.length;
  }

  /** The section at a place in the order of the file, counted from 0; undefined from `size` on. */
  at(place: number): ConfSection | undefined {
    return this.#table.sections[place];
  }

  /** The place of a section in the order of the file; -1 if there is none of that name. */
  indexOf(name: string): number {
    return this.#table.placeOf(name) ?? -1;
  }

  /** One section; undefined if there is none of that name. */
  section(name: string): ConfSection | undefined {
    return this.#table.find(name);
  }

  /** The names of a section's options, in the order of the file; none if there is no such section. */
  options(section: string): string[] {
    return this.section(section)?.options() ?? [];
  }

  /** Whether there is such a section, or such an option in it. */
  has(section: string, option?: string): boolean {
    const found = this.section(section);
    if (option === undefined || found === undefined) return found !== undefined;
    return found.get(option) !== undefined;
  }

  /** Where a section begins, or where an option got its values; undefined if there is none or a program made it. */
  locate(section: string, option?: string): ConfPosition | undefined {
    if (!this.has(section, option)) return undefined;
    const moves = this.#moves.get(section);
    if (option !== undefined && moves?.has(option)) return moves.get(option);
    return this.#layout?.locate(section, option);
  }

  /** All values of an option, maybe none. @throws ConfValueError if it is missing and there is no fallback. */
  getStrings(
    section: string,
    option: string,
    fallback?: readonly string[],
  ): readonly string[] {
    return (
      this.section(section)?.get(option) ??
      fallback ??
      this.#refuse(section, option, this.#missing(section, option))
    );
  }

  /**
   * The value of an option that must have exactly one; the fallback, if given, stands in for a missing option only.
   * @throws ConfValueError naming file and line if it is missing or has no value or several. So do all getters below.
   */
  getString(section: string, option: string, fallback?: string): string {
    return this.#get(section, option, fallback, (value) => ({ value }));
  }

  /** true, yes, on, false, no or off, in upper or lower case. */
  getBoolean(section: string, option: string, fallback?: boolean): boolean {
    return this.#get(section, option, fallback, convertBoolean);
  }

  /** A whole number in decimal digits, at least 0 unless `min` says otherwise, at most 2^53-1. */
  getInteger(
    section: string,
    option: string,
    options: NumberOptions = {},
  ): number {
    return this.#get(section, option, options.fallback, (text) =>
      convertInteger(text, options),
    );
  }

  /** A number in decimal digits, with a fraction and an exponent or without. */
  getNumber(
    section: string,
    option: string,
    options: NumberOptions = {},
  ): number {
    return this.#get(section, option, options.fallback, (text) =>
      convertNumber(text, options),
    );
  }

  /**
   * A duration in milliseconds, written as in Go: `1h2m3.5s`, `10ms`, `5us`, `0`. The bounds and the fallback are
   * milliseconds; it is at least 0 unless `min` says otherwise.
   */
  getDuration(
    section: string,
    option: string,
    options: NumberOptions = {},
  ): number {
    return this.#get(section, option, options.fallback, (text) =>
      convertDuration(text, options),
    );
  }

  /** A UUID, in lower case. */
  getUuid(section: string, option: string, fallback?: string): string {
    return this.#get(section, option, fallback, convertUuid);
  }

  /** Whether both have the same sections with the same options and values, in whatever order. */
  equals(other: ConfMap): boolean {
    if (this.#table === other.#table) return true;
    const mine = this.#table.sections;
    if (mine.length !== other.#table.sections.length) return false;
    return mine.every((section) => {
      const theirs = other.section(section.name);
      return theirs !== undefined && section.equals(theirs);
    });
  }

  /** A copy as plain data, free to be changed. A section named `__proto__` is an ordinary property of it. */
  toObject(): ConfObject {
    return Object.fromEntries(
      this.#table.sections.map((section) => [
        section.name,
        Object.fromEntries(
          section
            .options()
            .map((option) => [option, [...(section.get(option) ?? [])]]),
        ),
      ]),
    );
  }

  /** The content as a file, sorted by section and option: parsing it gives an equal map. */
  dump(): string {
    return dumpSections(this.#table.sections);
  }

  #get<T>(
    section: string,
    option: string,
    fallback: T | undefined,
    convert: (text: string) => Converted<T>,
  ): T {
    const values = this.section(section)?.get(option);
    if (values === undefined && fallback !== undefined) return fallback;
    const [text, ...more] = values ?? this.getStrings(section, option);
    if (text === undefined || more.length > 0) {
      const count = text === undefined ? 'none' : `${more.length + 1} values`;
      return this.#refuse(section, option, `expected one value, got ${count}`);
    }
    const converted = convert(text);
    if ('value' in converted) return converted.value;
    const message = `expected ${converted.expected}, got ${quote(text)}`;
    return this.#refuse(section, option, message);
  }

  #missing(section: string, option: string): string {
    return this.has(section)
      ? `expected the option ${quote(option)}, which is missing`
      : `expected the section with the option ${quote(option)}, which is missing`;
  }

  #refuse(section: string, option: string, message: string): never {
    const place = this.locate(section, option) ?? this.locate(section);
    const text = `[${section}] ${option}: ${message}`;
    const problem = { ...place, section, option, message: text };
    throw new ConfValueError('Wrong value', [problem]);
  }
}
