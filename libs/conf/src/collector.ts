import {
  Layout,
  linesIn,
  linesOf,
  partAt,
  type Part,
  type PlacedLines,
} from './layout.js';
import type { ProblemList } from './problem.list.js';
import { SectionIndex } from './section.index.js';
import {
  makeSection,
  readOptions,
  sameInOrder,
  type ConfSection,
} from './section.js';
import type { Stretch } from './stretch.js';
import { visitOptions } from './values.js';

/** Puts the stretches that a parser meets in order, and merges sections that are repeated. */
export class SectionCollector {
  readonly #sections: ConfSection[] = [];
  readonly #parts: Part[] = [];
  readonly #merged = new Map<number, PlacedLines[]>();
  readonly #suspects = new Set<number>();
  readonly #index: SectionIndex;
  readonly #previous: Layout | undefined;

  constructor(previous: Layout | undefined) {
    this.#previous = previous;
    this.#index = new SectionIndex(previous?.sections.length);
  }

  /** Adds a stretch that was read. */
  add(stretch: Stretch, path: string | undefined, line: number): void {
    const part = this.#begin(stretch, path, line);
    stretch.sections.forEach((section, i) => this.#place(section, part, i));
  }

  /** Adds a stretch of the previous layout that stands unchanged at that line. */
  takeOver(before: Part, path: string | undefined, line: number): void {
    const { stretch } = before;
    const part = this.#begin(stretch, path, line);
    if (before.isPlain && this.#placeAll(before)) return;
    stretch.sections.forEach((section, i) => {
      const known = this.#previous?.find(section.name) ?? section;
      const same = sameInOrder(known, section);
      if (same && known !== section) part.isPlain = false;
      this.#place(same ? known : section, part, i);
    });
  }

  /** Makes the layout, adding warnings about repeated options to those given. */
  finish(files: readonly string[], warnings: ProblemList): Layout {
    const sections = this.#sections;
    for (const [at, lines] of this.#merged) {
      sections[at] = this.#join(sections[at]!.name, lines);
    }
    const places = { parts: this.#parts, merged: this.#merged };
    for (const at of [...this.#suspects].sort((a, b) => a - b)) {
      const { name } = sections[at]!;
      findRepeats(name, linesOf(places, at, name), warnings);
    }
    return new Layout(sections, this.#index, places, warnings.all, files);
  }

  #begin(stretch: Stretch, path: string | undefined, line: number): Part {
    const place = this.#sections.length;
    const part = { stretch, path, line, place, isPlain: true };
    this.#parts.push(part);
    return part;
  }

  /** Places all sections of a stretch at once, if none is there already. */
  #placeAll({ stretch, place }: Part): boolean {
    const { length } = stretch.sections;
    const before = this.#previous;
    if (!before?.index || !this.#index.claimRow(before.index, place, length)) {
      return false;
    }
    const here = this.#sections.length;
    for (let i = 0; i < length; i++)
      this.#sections.push(before.sections[place + i]!);
    for (const i of stretch.repeats) this.#suspects.add(here + i);
    return true;
  }

  #place(section: ConfSection, part: Part, number: number): void {
    const here = this.#sections.length;
    const taken = this.#index.claim(section.name, this.#sections);
    if (taken === undefined) {
      this.#sections.push(section);
      if (part.stretch.repeats.includes(number)) this.#suspects.add(here);
    } else {
      this.#merge(taken, section.name, part, number);
    }
  }

  #merge(at: number, name: string, part: Part, number: number): void {
    const parts = this.#parts;
    let lines = this.#merged.get(at);
    if (lines === undefined) {
      const places = { parts, merged: this.#merged };
      lines = [...linesOf(places, at, name)];
      this.#merged.set(at, lines);
    }
    lines.push(linesIn(part, number));
    part.isPlain = false;
    parts[partAt(parts, at)]!.isPlain = false;
    this.#suspects.add(at);
  }

  #join(name: string, lines: readonly PlacedLines[]): ConfSection {
    const joined = makeSection(name, readOptions(lines));
    const before = this.#previous?.find(name);
    return before !== undefined && sameInOrder(before, joined)
      ? before
      : joined;
  }
}

/** Warns of options that occur twice in one file. That one file overrides another is what includes are for. */
function findRepeats(
  section: string,
  places: readonly PlacedLines[],
  warnings: ProblemList,
): void {
  const seen = new Map<string, { path: string | undefined; line: number }>();
  for (const { text, start, end, path, firstLine } of places) {
    visitOptions(text, start, end, (option, _start, offset) => {
      const line = firstLine + offset;
      const first = seen.get(option);
      if (first && first.path === path && first.line !== line) {
        const message = `option ${option} of section [${section}] replaces the values of line ${first.line}; remove one of the two`;
        warnings.add(path, { line, section, option, message });
      }
      seen.set(option, { path, line });
    });
  }
}
