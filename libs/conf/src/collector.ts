import { bodyLine, Layout, runsAt } from './layout.js';
import type { ProblemList } from './problem.list.js';
import {
  makeSection,
  readOptions,
  runOf,
  sameInOrder,
  type ConfSection,
  type Run,
} from './section.js';
import { visitOptions } from './values.js';

/**
 * Puts the sections that a parser meets in order: merges repeated ones, and takes unchanged ones over from the
 * previous layout, so that they keep their identity.
 */
export class SectionCollector {
  readonly #sections: ConfSection[] = [];
  readonly #lines: number[] = [];
  readonly #paths: (string | undefined)[] = [];
  readonly #runs = new Map<number, readonly Run[]>();
  readonly #merged = new Set<number>();
  readonly #suspects = new Set<number>();
  /** The sections found by name: all of them, or with a previous layout those that it does not have. */
  readonly #index = new Map<string, number>();
  readonly #previous: Layout | undefined;
  /** For each section of the previous layout its place in the new one, plus one. */
  readonly #taken: Int32Array;
  #expected = 0;

  constructor(previous: Layout | undefined) {
    this.#previous = previous;
    this.#taken = new Int32Array(previous?.sections.length ?? 0);
  }

  /** Expects the previous section of that name next, if there is one and it is not expected already. */
  expect(name: string): ConfSection | undefined {
    const expected = this.#previous?.sections[this.#expected];
    if (expected?.name === name) return expected;
    const at = this.#previous?.index.get(name);
    if (at === undefined) return undefined;
    this.#expected = at;
    return this.#previous?.sections[at];
  }

  /** The text of the expected section, or of one after it, if it can be taken over as it stands. */
  expectedRun(ahead = 0): Run | undefined {
    const section = this.#previous?.sections[this.#expected + ahead];
    const run = section && runOf(section);
    return run?.repeats === true ? undefined : run;
  }

  /** Takes the expected section over, whose text stands unchanged at that line. */
  takeExpected(path: string | undefined, line: number): void {
    const section = this.#previous?.sections[this.#expected];
    const run = section && runOf(section);
    if (section === undefined || run === undefined) return;
    const taken = this.#taken[this.#expected];
    if (taken !== 0) {
      this.#merge(taken! - 1, { ...run, path, line });
    } else {
      this.#taken[this.#expected] = this.#sections.length + 1;
      this.#push(section, path, line);
    }
    this.#expected++;
  }

  /** Adds a run of text. */
  add(name: string, run: Run): void {
    const at = this.#find(name);
    if (at !== undefined) return this.#merge(at, run);
    const here = this.#sections.length;
    if (run.repeats) this.#suspects.add(here);
    const section = makeSection(name, run);
    const before = this.expect(name);
    if (before === undefined) {
      this.#index.set(name, here);
      this.#push(section, run.path, run.line);
      return;
    }
    const same = sameInOrder(before, section);
    this.#taken[this.#expected] = here + 1;
    this.#push(same ? before : section, run.path, run.line);
    // The place of unchanged text is known from its line alone.
    if (same && runOf(before)?.text !== run.text) this.#runs.set(here, [run]);
    this.#expected++;
  }

  /** Makes the layout, adding warnings about repeated options to those given. */
  finish(files: readonly string[], warnings: ProblemList): Layout {
    const sections = this.#sections;
    const places = {
      lines: this.#lines,
      paths: this.#paths,
      runs: this.#runs,
    };
    for (const at of this.#merged) this.#joinRuns(at);
    const suspects = [...this.#suspects, ...this.#merged].sort((a, b) => a - b);
    for (const at of suspects) {
      const runs = runsAt(sections, places, at);
      findRepeats(sections[at]!.name, runs, warnings);
    }
    const index = this.#previous === undefined ? this.#index : undefined;
    return new Layout(sections, index, places, warnings.all, files);
  }

  #find(name: string): number | undefined {
    const at = this.#index.get(name);
    if (at !== undefined) return at;
    const before = this.#previous?.index.get(name);
    const taken = before === undefined ? 0 : this.#taken[before]!;
    return taken === 0 ? undefined : taken - 1;
  }

  #push(section: ConfSection, path: string | undefined, line: number): void {
    this.#sections.push(section);
    this.#lines.push(line);
    this.#paths.push(path);
  }

  #merge(at: number, run: Run): void {
    const places = { lines: this.#lines, paths: this.#paths, runs: this.#runs };
    this.#runs.set(at, [...runsAt(this.#sections, places, at), run]);
    this.#merged.add(at);
    this.#suspects.delete(at);
  }

  #joinRuns(at: number): void {
    const { name } = this.#sections[at]!;
    const joined = makeSection(name, readOptions(this.#runs.get(at) ?? []));
    const before = this.#previous?.find(name);
    this.#sections[at] =
      before !== undefined && sameInOrder(before, joined) ? before : joined;
  }
}

/** Warns of options that occur twice in one file. That one file overrides another is what includes are for. */
function findRepeats(
  section: string,
  runs: readonly Run[],
  warnings: ProblemList,
): void {
  const seen = new Map<string, { path: string | undefined; line: number }>();
  for (const run of runs) {
    const { path } = run;
    visitOptions(run.text, run.body, (option, _start, _end, offset) => {
      const line = run.line + bodyLine(run) + offset;
      const first = seen.get(option);
      if (first && first.path === path && first.line !== line) {
        const message = `option ${option} of section [${section}] replaces the values of line ${first.line}; remove one of the two`;
        warnings.add(path, { line, section, option, message });
      }
      seen.set(option, { path, line });
    });
  }
}
