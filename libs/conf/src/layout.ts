import type { Feed } from './feed.js';
import type { ConfPosition, ConfProblem } from './problem.js';
import { SectionIndex } from './section.index.js';
import { positionIn, runOf, type ConfSection, type Run } from './section.js';
import { visitOptions } from './values.js';

/** One text to parse, and where it came from. */
export interface Source {
  /** The path that messages name. */
  readonly path?: string | undefined;
  /** Begins to hand out the text. */
  readonly open: () => Feed;
  /** Whether messages may quote from it. */
  readonly quotable: boolean;
}

/** How many sections from a known place on are looked at before the index is asked. */
const NEAR = 4;

/** Sections in order, found by name. */
export class SectionTable {
  readonly sections: readonly ConfSection[];
  #index: SectionIndex | undefined;
  // A configuration is mostly asked in its own order, maybe in two places by turns: for groups here, for volumes there.
  #here = 0;
  #there = 0;

  constructor(sections: readonly ConfSection[], index?: SectionIndex) {
    this.sections = sections;
    this.#index = index;
  }

  /** Made when it is first needed. */
  get index(): SectionIndex {
    if (this.#index?.isOutgrown(this.sections.length) !== false) {
      this.#index = SectionIndex.of(this.sections);
    }
    return this.#index;
  }

  find(name: string): ConfSection | undefined {
    const at = this.placeOf(name);
    return at === undefined ? undefined : this.sections[at];
  }

  /** The place of the section of that name among the sections. */
  placeOf(name: string): number | undefined {
    const near = this.#findFrom(this.#here, name);
    if (near !== undefined) return (this.#here = near);
    const at = this.#findFrom(this.#there, name) ?? this.index.find(name);
    if (at !== undefined) {
      this.#there = this.#here;
      this.#here = at;
    }
    return at;
  }

  #findFrom(start: number, name: string): number | undefined {
    const { sections } = this;
    const end = Math.min(start + NEAR, sections.length);
    for (let at = start; at < end; at++) {
      if (sections[at]!.name === name) return at;
    }
    return undefined;
  }
}

/** Where the sections of a parsed configuration are. Lines and paths run parallel to the sections. */
export interface Places {
  readonly lines: readonly number[];
  readonly paths: readonly (string | undefined)[];
  /** The texts of the sections whose own text is not, or not alone, what stands in this configuration's files. */
  readonly runs: ReadonlyMap<number, readonly Run[]>;
}

/** All that parsing found: the sections, where they are, and what is doubtful. */
export class Layout extends SectionTable {
  constructor(
    sections: readonly ConfSection[],
    index: SectionIndex,
    readonly places: Places,
    readonly warnings: readonly ConfProblem[],
    readonly files: readonly string[],
  ) {
    super(sections, index);
  }

  /** The place of a section's header, or of the line that gave an option its values. */
  locate(name: string, option?: string): ConfPosition | undefined {
    const at = this.placeOf(name);
    if (at === undefined) return undefined;
    const runs = runsAt(this.sections, this.places, at);
    if (option === undefined) return runs[0] && positionIn(runs[0], 0);
    for (const run of runs.toReversed()) {
      const line = lastLineOf(run, option);
      if (line !== undefined) return positionIn(run, line);
    }
    return undefined;
  }

  /** Whether the other one has the same section objects at the same places, so that nobody could tell them apart. */
  isSameAs(other: Layout): boolean {
    return (
      sameItems(this.sections, other.sections) &&
      sameItems(this.places.lines, other.places.lines) &&
      sameItems(this.places.paths, other.places.paths) &&
      sameItems(this.files, other.files) &&
      JSON.stringify(this.warnings) === JSON.stringify(other.warnings) &&
      sameRuns(this.places.runs, other.places.runs)
    );
  }
}

/** The texts of a section, in reading order. */
export function runsAt(
  sections: readonly ConfSection[],
  places: Places,
  at: number,
): readonly Run[] {
  const runs = places.runs.get(at);
  if (runs !== undefined) return runs;
  const section = sections[at];
  const run = section && runOf(section);
  const line = places.lines[at];
  if (run === undefined || line === undefined) return [];
  return [{ ...run, path: places.paths[at], line }];
}

/** The line of an offset at a line's start, from the run's first line, which is 0. */
export function bodyLine(run: Run): number {
  return run.body === 0 ? 0 : 1;
}

function lastLineOf(run: Run, option: string): number | undefined {
  let found: number | undefined;
  visitOptions(run.text, run.body, (name, _start, _end, line) => {
    if (name === option) found = line + bodyLine(run);
  });
  return found;
}

function sameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function sameRuns(one: Places['runs'], other: Places['runs']): boolean {
  if (one.size !== other.size) return false;
  for (const [at, runs] of one) {
    const theirs = other.get(at);
    if (theirs?.length !== runs.length) return false;
    if (!runs.every((run, i) => sameRun(run, theirs[i]))) return false;
  }
  return true;
}

function sameRun(one: Run, other: Run | undefined): boolean {
  return (
    one.text === other?.text &&
    one.line === other.line &&
    one.path === other.path
  );
}
