import type { ProblemList } from '../problems/problem-list.js';
import {
  makeSection,
  sameInOrder,
  type ConfSection,
} from '../sections/conf-section.js';
import { MadeContent, readOptions } from '../sections/section-content.js';
import { SectionIndex } from '../sections/section-index.js';
import { Layout } from './layout.js';
import {
  linesIn,
  linesOf,
  stretchAt,
  type PlacedLines,
  type PlacedStretch,
} from './placed-stretch.js';
import { warnOfRepeats } from './repeated-options.js';
import type { Stretch } from './stretch.js';

/**
 * Makes a layout: puts the stretches of a configuration in order, and merges
 * sections that stand in several places.
 */
export class LayoutBuilder {
  private readonly sections: ConfSection[] = [];
  private readonly stretches: PlacedStretch[] = [];
  private readonly merged = new Map<number, PlacedLines[]>();
  /** The places of the sections in which an option may be repeated. */
  private readonly suspects = new Set<number>();
  private readonly index: SectionIndex;

  constructor(private readonly previous: Layout | undefined) {
    this.index = new SectionIndex(previous?.sections.length);
  }

  /** Adds a stretch that was read; the hashes are those of its names. */
  add(
    stretch: Stretch,
    hashes: readonly number[],
    path: string | undefined,
    line: number,
  ): void {
    const placed = this.begin(stretch, path, line);
    const { sections } = stretch;
    const { length } = sections;
    for (let i = 0; i < length; i++) {
      i += this.placeRow(sections, hashes, i, length);
      if (i < length) this.place(sections[i]!, placed, i);
    }
    this.suspectRepeats(stretch);
  }

  /**
   * Adds a stretch of the previous layout that stands unchanged at that line.
   */
  takeOver(
    before: PlacedStretch,
    path: string | undefined,
    line: number,
  ): void {
    const { stretch } = before;
    const placed = this.begin(stretch, path, line);
    for (let i = this.placeKnown(before); i < stretch.sections.length; i++) {
      const section = stretch.sections[i]!;
      const known = this.previous?.find(section.name) ?? section;
      const same = sameInOrder(known, section);
      if (same && known !== section) placed.isPlain = false;
      this.place(same ? known : section, placed, i);
    }
    this.suspectRepeats(stretch);
  }

  /** Makes the layout; adds warnings about repeated options to those given. */
  finish(files: readonly string[], warnings: ProblemList): Layout {
    const { sections, stretches, merged } = this;
    for (const [at, lines] of merged) {
      sections[at] = this.join(sections[at]!.name, lines);
    }
    const locations = { stretches, merged };
    for (const at of [...this.suspects].sort((a, b) => a - b)) {
      const { name } = sections[at]!;
      warnOfRepeats(name, linesOf(locations, at, name), warnings);
    }
    return new Layout(
      sections,
      this.index,
      locations,
      warnings.all,
      files,
      this.previous,
    );
  }

  private begin(
    stretch: Stretch,
    path: string | undefined,
    line: number,
  ): PlacedStretch {
    const place = this.sections.length;
    const placed = { stretch, path, line, place, isPlain: true };
    this.stretches.push(placed);
    return placed;
  }

  /**
   * Places the sections of a stretch of the previous layout, up to one that may
   * be there already; returns how many.
   */
  private placeKnown({ isPlain, place, stretch }: PlacedStretch): number {
    const { previous } = this;
    if (!isPlain || previous === undefined) return 0;
    const { sections, index } = previous;
    const end = place + stretch.sections.length;
    return this.placeRow(sections, index.hashes, place, end);
  }

  private placeRow(
    sections: readonly ConfSection[],
    hashes: ArrayLike<number>,
    from: number,
    to: number,
  ): number {
    const count = this.index.claimRow(hashes, from, to);
    for (let at = from; at < from + count; at++) {
      this.sections.push(sections[at]!);
    }
    return count;
  }

  private place(
    section: ConfSection,
    placed: PlacedStretch,
    number: number,
  ): void {
    const taken = this.index.claim(section.name, this.sections);
    if (taken === undefined) this.sections.push(section);
    else this.merge(taken, section.name, placed, number);
  }

  private suspectRepeats({ sections, repeats }: Stretch): void {
    for (const i of repeats) {
      const at = this.index.find(sections[i]!.name, this.sections);
      this.suspects.add(at!);
    }
  }

  private merge(
    at: number,
    name: string,
    placed: PlacedStretch,
    number: number,
  ): void {
    const { stretches, merged } = this;
    let lines = merged.get(at);
    if (lines === undefined) {
      lines = [...linesOf({ stretches, merged }, at, name)];
      merged.set(at, lines);
    }
    lines.push(linesIn(placed, number));
    placed.isPlain = false;
    stretches[stretchAt(stretches, at)]!.isPlain = false;
    this.suspects.add(at);
  }

  private join(name: string, lines: readonly PlacedLines[]): ConfSection {
    const joined = makeSection(name, new MadeContent(readOptions(lines)));
    const before = this.previous?.find(name);
    return before !== undefined && sameInOrder(before, joined)
      ? before
      : joined;
  }
}
