import { bodyLine, Layout, runsAt } from './layout.js';
import type { ProblemList } from './problem.list.js';
import { SectionIndex } from './section.index.js';
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
  readonly #index: SectionIndex;
  readonly #previous: Layout | undefined;
  readonly #indexBefore: SectionIndex | undefined;
  /** The numbers that the sections of the previous layout have in both indexes. */
  readonly #numbers: Int32Array;
  #expected = 0;

  constructor(previous: Layout | undefined) {
    this.#previous = previous;
    const before = previous?.index;
    const count = previous?.sections.length ?? 0;
    this.#index = new SectionIndex(before);
    this.#indexBefore = before;
    this.#numbers = before?.numbersByPlace(count) ?? new Int32Array();
  }

  /** Expects the previous section of that name next, if there is one and it is not expected already. */
  expect(name: string): ConfSection | undefined {
    const expected = this.#previous?.sections[this.#expected];
    if (expected?.name === name) return expected;
    const at = this.#indexBefore?.find(name);
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
    const number = this.#numbers[this.#expected]!;
    const taken = this.#index.placeOf(number);
    if (taken !== undefined) this.#merge(taken, { ...run, path, line });
    else {
      this.#index.put(number, this.#sections.length);
      this.#push(section, path, line);
    }
    this.#expected++;
  }

  /** Adds a run of text. */
  add(name: string, run: Run): void {
    const here = this.#sections.length;
    const taken = this.#index.claim(name, here);
    if (taken !== undefined) return this.#merge(taken, run);
    if (run.repeats) this.#suspects.add(here);
    const section = makeSection(name, run);
    const before = this.expect(name);
    if (before === undefined) return this.#push(section, run.path, run.line);
    const same = sameInOrder(before, section);
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
    return new Layout(sections, this.#index, places, warnings.all, files);
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
