import { ConfMapEditor } from './editing/conf-map-editor.js';
import { warnOfCase } from './editing/override-warnings.js';
import { OVERRIDES_PATH, parseOverrides } from './editing/overrides.js';
import { sectionsOf, type ConfInput } from './editing/from-object.js';
import type { OptionPositions } from './editing/option-positions.js';
import { loadLayout } from './files/load-layout.js';
import type { LoadOptions } from './files/load-options.js';
import { Layout } from './layout/layout.js';
import { LocatedContent } from './layout/located-content.js';
import { reusingLayout } from './layout/reusing-layout.js';
import type { ConfLimits } from './problems/conf-limits.js';
import { parseText, parseTextInSlices } from './parsing/parse-text.js';
import type { ConfProblem } from './problems/problem.js';
import { inspectCustom } from './sections/inspect-custom.js';
import { reusingTable } from './sections/reusing-sections.js';
import { SectionTable } from './sections/section-table.js';
import { doAtOnce, type SlicedWork } from './sections/sliced-work.js';

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

const noPositions: OptionPositions = [];

/**
 * A configuration: section name -> option name -> list of values. Immutable.
 * Sections and options keep the order of the file; a section has at least one
 * option.
 */
export class ConfMap extends LocatedContent {
  /** What was parsed: it is compared with when this map is the previous one. */
  private readonly origin: ConfMap;
  /** The last overrides as JSON, and the map with them. */
  private readonly overridden: { key?: string; map?: ConfMap } = {};

  private constructor(
    table: SectionTable,
    origin?: ConfMap,
    positions = noPositions,
    overrideWarnings: readonly ConfProblem[] = [],
  ) {
    const layout = table instanceof Layout ? table : origin?.layout;
    super(table, layout, positions, overrideWarnings);
    this.origin = origin ?? this;
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
   * A map that is equal to this one, positions and warnings included, and has
   * every section object of `previous` that says the same, in whatever way the
   * two maps were made. It is `previous` itself if nobody could tell the two
   * apart, and this map if it shares all that can be shared. A text that both
   * have is in memory once, as soon as nobody holds this map any more.
   */
  reuse(previous: ConfMap): ConfMap {
    return doAtOnce(this.reusing(previous));
  }

  /**
   * {@link reuse} as work that can be sliced: it yields every few hundred
   * sections.
   */
  *reusing(previous: ConfMap): SlicedWork<ConfMap> {
    if (this === previous) return this;
    const origin = yield* this.originReusing(previous);
    const isRead = this.table === this.layout;
    if (isRead && previous.table === previous.layout) return origin;
    const own = { before: this.origin.table, after: origin.table };
    const table = yield* reusingTable(this.table, own, previous.table);
    if (origin.layout === previous.layout && this.isLike(previous, table)) {
      return previous;
    }
    if (table === origin.table) return origin;
    if (table === this.table) return this;
    return new ConfMap(table, origin, this.positions, this.overrideWarnings);
  }

  /** What was parsed, with what it shares with what was parsed before. */
  private *originReusing(previous: ConfMap): SlicedWork<ConfMap> {
    const { layout, origin } = this;
    if (layout === undefined || previous.layout === undefined) return origin;
    const reused = yield* reusingLayout(layout, previous.layout);
    if (reused === layout) return origin;
    return reused === previous.layout ? previous.origin : new ConfMap(reused);
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
