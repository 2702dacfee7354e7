import { moveSection, type ConfSection, type SectionLines } from './section.js';
import { detach } from './values.js';

/**
 * Sections that follow one another in a file, with the one text that they share. Maps that were read one after the
 * other share the stretches that stayed as they were: those are compared and taken over as a whole.
 */
export interface Stretch {
  /** From the header of the first section to the line before the header of the next one. */
  readonly text: string;
  /** Whether all its characters are known to be ASCII. */
  readonly isAscii: boolean;
  readonly lineCount: number;
  /** The sections, each as it is when it stands nowhere else. */
  readonly sections: readonly ConfSection[];
  /** Where in the text each section begins, and on which line of it, which is 0 for the first. */
  readonly starts: readonly number[];
  readonly lines: readonly number[];
  /** The sections, by their number, in which an option may occur twice. */
  readonly repeats: readonly number[];
  /** Whether it is the rest of a section, without its header, after an `.include`. */
  readonly isRest: boolean;
}

/** Where a section stands in the text of which a stretch is made. */
export interface SectionPlace {
  readonly start: number;
  /** Where its first line of options begins: at start, if it has no header. */
  readonly body: number;
  readonly end: number;
  /** The line of start, counted from 1. */
  readonly line: number;
  readonly lineCount: number;
  /** Whether an option may occur twice in it. */
  readonly repeats: boolean;
  /** Whether the section was taken over from the previous map. */
  readonly isKnown: boolean;
}

/** A section of the previous map, and where it goes if the new one is accepted. */
export interface Move extends SectionLines {
  readonly section: ConfSection;
}

/** Puts sections together into a stretch, while their text is read. */
export class StretchBuilder {
  #sections: ConfSection[] = [];
  #places: SectionPlace[] = [];

  /** How long the text of the sections is so far. */
  get length(): number {
    const last = this.#places.at(-1);
    return last === undefined ? 0 : last.end - this.#places[0]!.start;
  }

  /** The line of the first section, counted from 1. */
  get line(): number {
    return this.#places[0]?.line ?? 1;
  }

  /** Whether a section that begins there is the next one, so that nothing stands between. */
  isFollowedBy(start: number): boolean {
    const last = this.#places.at(-1);
    return last === undefined || last.end === start;
  }

  /** Adds a section, which stands right behind the one before it. */
  add(section: ConfSection, place: SectionPlace): void {
    this.#sections.push(section);
    this.#places.push(place);
  }

  /**
   * Makes the stretch of what was added, and begins anew. New sections are moved into its text; those of the previous
   * map, which may be in use while this one is refused, are added to those that are moved later.
   */
  build(text: string, isAscii: boolean, later: Move[]): Stretch {
    const sections = this.#sections;
    const places = this.#places;
    this.#sections = [];
    this.#places = [];
    const [first, last] = [places[0]!, places.at(-1)!];
    const from = first.start;
    const own = detach(text.slice(from, last.end));
    places.forEach(({ body, end, repeats, isKnown }, i) => {
      const section = sections[i]!;
      const [start, endInOwn] = [body - from, end - from];
      const move = { section, text: own, start, end: endInOwn, repeats };
      if (isKnown) later.push(move);
      else moveSection(section, move);
    });
    return {
      text: own,
      isAscii,
      lineCount: last.line + last.lineCount - first.line,
      sections,
      starts: places.map(({ start }) => start - from),
      lines: places.map(({ line }) => line - first.line),
      repeats: places.flatMap(({ repeats }, i) => (repeats ? [i] : [])),
      isRest: first.body === from,
    };
  }
}
