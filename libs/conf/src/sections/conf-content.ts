import type { ConfSection } from './conf-section.js';
import { dumpingSections, dumpSections } from './dump.js';
import { objectOf, type ConfObject } from './plain-object.js';
import type { SectionTable } from './section-table.js';

/** What is in a configuration: the part of `ConfMap` that has no types. */
export abstract class ConfContent {
  constructor(protected readonly table: SectionTable) {}

  /** The names of the sections, in the order of the file. */
  sections(): string[] {
    return this.table.sections.map((section) => section.name);
  }

  /** Whether there are no sections. */
  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** How many sections there are. */
  get size(): number {
    return this.table.sections.length;
  }

  /**
   * The section at a place in the order of the file, counted from 0; undefined
   * from `size` on.
   */
  at(place: number): ConfSection | undefined {
    return this.table.sections[place];
  }

  /**
   * The place of a section in the order of the file; -1 if there is none of
   * that name.
   */
  indexOf(name: string): number {
    return this.table.placeOf(name) ?? -1;
  }

  /** One section; undefined if there is none of that name. */
  section(name: string): ConfSection | undefined {
    return this.table.find(name);
  }

  /**
   * The names of a section's options, in the order of the file; none if there
   * is no such section.
   */
  options(section: string): string[] {
    return this.section(section)?.options() ?? [];
  }

  /** Whether there is such a section, or such an option in it. */
  has(section: string, option?: string): boolean {
    const found = this.section(section);
    if (option === undefined || found === undefined) return found !== undefined;
    return found.get(option) !== undefined;
  }

  /** Whether both have the same options with the same values, in any order. */
  equals(other: ConfContent): boolean {
    if (this.table === other.table) return true;
    const mine = this.table.sections;
    if (mine.length !== other.size) return false;
    return mine.every((section) => {
      const theirs = other.section(section.name);
      return theirs !== undefined && section.equals(theirs);
    });
  }

  /**
   * A copy as plain data, free to be changed. A section named `__proto__` is an
   * ordinary property of it.
   */
  toObject(): ConfObject {
    return objectOf(this.table.sections);
  }

  /**
   * The content as a file, sorted by section and option: parsing it gives an
   * equal map.
   */
  dump(): string {
    return dumpSections(this.table.sections);
  }

  /**
   * The content as a file, in the order of the file, in pieces of some kilobytes
   * at most: for a large configuration in a process that has other things to do.
   * Parsing the pieces, one after the other, gives an equal map.
   */
  *dumpInPieces(): Generator<string, void, undefined> {
    yield* dumpingSections(this.table.sections);
  }
}
