import {
  ConfMapEditor,
  type OptionPositions,
} from './editing/conf-map-editor.js';
import { warnOfCase } from './editing/override-warnings.js';
import { OVERRIDES_PATH, parseOverrides } from './editing/overrides.js';
import { sectionsOf, type ConfInput } from './editing/from-object.js';
import { loadLayout } from './files/load-layout.js';
import type { LoadOptions } from './files/load-options.js';
import { OptionGetters } from './getters/option-getters.js';
import { Layout } from './layout/layout.js';
import type { ConfLimits } from './problems/conf-limits.js';
import { parseText, parseTextInSlices } from './parsing/parse-text.js';
import type { ConfPosition, ConfProblem } from './problems/problem.js';
import { inspectCustom } from './sections/inspect-custom.js';
import { SectionTable } from './sections/section-table.js';

/** How a text is parsed. */
export interface ParseOptions {
  /** What messages call the text. */
  readonly path?: string;
  /**
   * An earlier map of much the same text: sections that did not change are
   * taken over from it and not parsed.
   */
  readonly previous?: ConfMap;
  readonly limits?: Partial<ConfLimits>;
}

/** How a text is parsed in slices. */
export interface ParseInSlicesOptions extends ParseOptions {
  /** Stops parsing; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** How files are read. */
export interface FromFileOptions extends LoadOptions {
  /**
   * An earlier map of much the same files: sections that did not change are
   * taken over from it and not parsed.
   */
  readonly previous?: ConfMap;
}

const noPositions: OptionPositions = new Map();

/**
 * A configuration: section name -> option name -> list of values. Immutable.
 * Sections and options keep the order of the file; a section has at least one
 * option.
 */
export class ConfMap extends OptionGetters {
  /** What was parsed: it is compared with when this map is the previous one. */
  private readonly origin: ConfMap;
  private readonly layout: Layout | undefined;
  /** The last overrides as JSON, and the map with them. */
  private readonly overridden: { key?: string; map?: ConfMap } = {};

  private constructor(
    table: SectionTable,
    origin?: ConfMap,
    private readonly positions = noPositions,
    private readonly overrideWarnings: readonly ConfProblem[] = [],
  ) {
    super(table);
    this.origin = origin ?? this;
    this.layout = table instanceof Layout ? table : origin?.layout;
    Object.freeze(this);
  }

  /**
   * Parses a text. With `previous`, unchanged sections keep their identity, and
   * a text that changes nothing at all gives the previous map itself.
   * `.include` is refused: only `fromFile` can follow it.
   * @throws ConfSyntaxError with all problems of the text.
   */
  static parse(text: string, options: ParseOptions = {}): ConfMap {
    const { previous, ...rest } = options;
    const layout = parseText(text, { ...rest, previous: previous?.layout });
    return ConfMap.of(layout, previous);
  }

  /**
   * Parses a text as `parse` does, but lets others have their turn every few
   * milliseconds: for a large text in a process that has other things to do.
   * Rejects as `parse` throws, or with the reason of `signal` when it aborts.
   */
  static async parseInSlices(
    text: string,
    options: ParseInSlicesOptions = {},
  ): Promise<ConfMap> {
    const { previous, ...rest } = options;
    const layout = await parseTextInSlices(text, {
      ...rest,
      previous: previous?.layout,
    });
    return ConfMap.of(layout, previous);
  }

  /**
   * Reads a file and what it includes as one snapshot: it reads until no file
   * changed meanwhile. The event loop is not held up, because parsing pauses
   * every few milliseconds. With `previous`, unchanged sections keep their
   * identity, and files that change nothing at all give the previous map itself
   * (of a map that was changed by `withOverrides` or `edit`: the map as it was
   * read).
   * @throws ConfFileError or ConfSyntaxError with all problems of all files;
   * the reason of `signal` when it aborts.
   */
  static async fromFile(
    path: string,
    options: FromFileOptions = {},
  ): Promise<ConfMap> {
    const { previous, ...rest } = options;
    const layout = await loadLayout(path, rest, previous?.layout);
    return ConfMap.of(layout, previous);
  }

  /**
   * Makes a map of plain data. Numbers, bigints and booleans are values, as
   * strings are; a value stands for a list with one value. Sections without
   * options are left out.
   * @throws ConfValueError with everything that is no plain data, and with all
   * names and values that the format cannot write.
   */
  static fromObject(object: ConfInput): ConfMap {
    return new ConfMap(new SectionTable(sectionsOf(object)));
  }

  /** Begins a changed copy of a map. */
  static edit(confMap: ConfMap): ConfMapEditor<ConfMap> {
    return confMap.edit(confMap.overrideWarnings);
  }

  private static of(layout: Layout, previous: ConfMap | undefined): ConfMap {
    return previous !== undefined && previous.layout === layout
      ? previous.origin
      : new ConfMap(layout);
  }

  /**
   * What is doubtful but no error: repeated options, a text that ends without a
   * newline, and overrides of what differs only in case from what exists.
   */
  get warnings(): readonly ConfProblem[] {
    const { layout, overrideWarnings } = this;
    return Object.freeze([...(layout?.warnings ?? []), ...overrideWarnings]);
  }

  /**
   * The absolute paths of all files that were read, the main one first: what a
   * watcher has to watch.
   */
  get files(): readonly string[] {
    return this.layout?.files ?? [];
  }

  /**
   * A map in which options have other values: `Section.Option=value, value`, or
   * with a colon, as in a file; nothing after the sign empties the option. The
   * same strings on the same map give the same map. The name of the section
   * ends at the first dot, unless only a later dot gives the name of an
   * existing one.
   * @throws ConfValueError with all malformed strings.
   */
  withOverrides(strings: readonly string[]): ConfMap {
    if (strings.length === 0) return this;
    const { overridden } = this;
    const key = JSON.stringify(strings);
    if (overridden.map !== undefined && overridden.key === key) {
      return overridden.map;
    }
    const overrides = parseOverrides(strings, (name) => this.has(name));
    const warnings = warnOfCase(overrides, this.table);
    const editor = this.edit([...this.overrideWarnings, ...warnings]);
    overrides.forEach(({ section, option, values }, i) => {
      const position = { path: OVERRIDES_PATH, line: i + 1 };
      editor.set(section, option, values, position);
    });
    overridden.key = key;
    overridden.map = editor.build();
    return overridden.map;
  }

  /**
   * Where a section begins, or where an option got its values; undefined if
   * there is none, or if a program made it.
   */
  locate(section: string, option?: string): ConfPosition | undefined {
    if (!this.has(section, option)) return undefined;
    const positions = this.positions.get(section);
    if (option !== undefined && positions?.has(option)) {
      return positions.get(option);
    }
    return this.layout?.locate(section, option);
  }

  private edit(warnings: readonly ConfProblem[]): ConfMapEditor<ConfMap> {
    const { table, positions, origin } = this;
    return new ConfMapEditor(
      table,
      positions,
      (edited) => new ConfMap(edited.table, origin, edited.positions, warnings),
    );
  }

  /** As JSON it is empty: a configuration may hold secrets. See `toObject`. */
  toJSON(): object {
    return {};
  }

  /** `console.log` shows no more than what it is. */
  [inspectCustom](): string {
    return 'ConfMap {}';
  }
}
