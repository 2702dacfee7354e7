import {
  Layout,
  linesIn,
  linesOf,
  partAt,
  type Part,
  type PlacedLines,
} from './layout.js';
import type { ProblemList } from './problem.list.js';
import { hashOf, SectionIndex } from './section.index.js';
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
    const { sections } = stretch;
    const hashes = sections.map(({ name }) => hashOf(name));
    const { length } = sections;
    for (let i = 0; i < length; i++) {
      i += this.#placeRow(sections, hashes, i, length);
      if (i < length) this.#place(sections[i]!, part, i);
    }
    this.#suspectRepeats(stretch);
  }

  /** Adds a stretch of the previous layout that stands unchanged at that line. */
  takeOver(before: Part, path: string | undefined, line: number): void {
    const { stretch } = before;
    const part = this.#begin(stretch, path, line);
    for (let i = this.#placeKnown(before); i < stretch.sections.length; i++) {
      const section = stretch.sections[i]!;
      const known = this.#previous?.find(section.name) ?? section;
      const same = sameInOrder(known, section);
      if (same && known !== section) part.isPlain = false;
      this.#place(same ? known : section, part, i);
    }
    this.#suspectRepeats(stretch);
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

  /** Places the sections of a part of the previous layout, up to one that may be there already; returns how many. */
  #placeKnown({ isPlain, place, stretch }: Part): number {
    const before = this.#previous;
    if (!isPlain || before === undefined) return 0;
    const { sections, index } = before;
    const end = place + stretch.sections.length;
    return this.#placeRow(sections, index.hashes, place, end);
  }

  #placeRow(
    sections: readonly ConfSection[],
    hashes: ArrayLike<number>,
    from: number,
    to: number,
  ): number {
    const count = this.#index.claimRow(hashes, from, to);
    for (let at = from; at < from + count; at++) {
      this.#sections.push(sections[at]!);
    }
    return count;
  }

  #place(section: ConfSection, part: Part, number: number): void {
    const taken = this.#index.claim(section.name, this.#sections);
    if (taken === undefined) this.#sections.push(section);
    else this.#merge(taken, section.name, part, number);
  }

  #suspectRepeats({ sections, repeats }: Stretch): void {
    for (const i of repeats) {
      const at = this.#index.find(sections[i]!.name, this.#sections);
      this.#suspects.add(at!);
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
