import { detach } from '../grammar/detach.js';
import type { ConfSection } from '../sections/conf-section.js';
import type { OptionLines } from '../sections/section-content.js';
import { hashOf } from '../sections/section-index.js';
import { textContentOf } from '../sections/text-content.js';
import type { Stretch } from './stretch.js';

/** Where a section stands in the text from which a stretch is made. */
export interface SectionSpan {
  readonly start: number;
  /** Where its options begin: at `start`, if it has no header. */
  readonly body: number;
  readonly end: number;
  /** The line of `start`, counted from 1. */
  readonly line: number;
  readonly lineCount: number;
  /** Whether an option may occur twice in it. */
  readonly repeats: boolean;
  /** Whether the section was taken over from the previous map. */
  readonly isKnown: boolean;
}

/**
 * The new lines of a section of the previous map, if the new map is accepted.
 */
export interface PendingMove extends OptionLines {
  readonly section: ConfSection;
  /** Whether an option may occur twice in them. */
  readonly repeats: boolean;
}

/**
 * A stretch that is shorter takes in the sections that follow, so that stretches
 * do not become smaller and smaller. In characters.
 */
export const shortLength = 1024;
/** The length at which a stretch ends with whatever section it has come to. */
export const greatLength = 16 * 1024;
/**
 * A stretch ends with a section in whose hash these bits are 0: one of 8. The
 * same sections are therefore cut at the same places, whatever stands before
 * them, and maps that were parsed on their own have the same stretches nearly
 * everywhere.
 */
const endBits = 0b111;

/** Collects sections for a stretch while their text is read. */
export class StretchBuilder {
  /** The line of the first section, counted from 1. */
  line = 1;
  private lineAfter = 1;
  private start = 0;
  private end = 0;
  private sections: ConfSection[] = [];
  /** The hashes of the names of the sections. */
  hashes: number[] = [];
  // By section; offsets and lines are relative to the first section.
  private starts: number[] = [];
  private bodies: number[] = [];
  private lines: number[] = [];
  private areKnown: boolean[] = [];
  /** The numbers of the sections in which an option may occur twice. */
  private repeats: number[] = [];

  /** The length of the text so far. */
  get length(): number {
    return this.end - this.start;
  }

  /** Whether it ends with the section that was added last. */
  get isComplete(): boolean {
    const { length } = this;
    if (length >= greatLength) return true;
    return length >= shortLength && (this.hashes.at(-1)! & endBits) === 0;
  }

  /**
   * Whether nothing is between the sections so far and one that begins there.
   */
  isFollowedBy(start: number): boolean {
    return this.length === 0 || this.end === start;
  }

  /** Adds a section that directly follows the one before it. */
  add(section: ConfSection, span: SectionSpan): void {
    const { start, line } = span;
    if (this.length === 0) {
      this.start = start;
      this.line = line;
    }
    if (span.repeats) this.repeats.push(this.sections.length);
    this.sections.push(section);
    this.hashes.push(hashOf(section.name));
    this.starts.push(start - this.start);
    this.bodies.push(span.body - this.start);
    this.lines.push(line - this.line);
    this.areKnown.push(span.isKnown);
    this.end = span.end;
    this.lineAfter = line + span.lineCount;
  }

  /**
   * Makes a stretch of what was added, and begins anew. New sections are moved
   * into its text. Sections of the previous map may be in use even if the new
   * one is refused: their moves are added to `pending`.
   */
  build(text: string, isAscii: boolean, pending: PendingMove[]): Stretch {
    const own = detach(text.slice(this.start, this.end));
    this.moveInto(own, pending);
    const stretch = {
      text: own,
      isAscii,
      lineCount: this.lineAfter - this.line,
      // Copies have no room for more, unlike what has grown.
      sections: this.sections.slice(),
      starts: this.starts.slice(),
      lines: this.lines.slice(),
      repeats: this.repeats.slice(),
      isRest: this.bodies[0] === 0,
    };
    this.clear();
    return stretch;
  }

  private moveInto(text: string, pending: PendingMove[]): void {
    const { sections, starts, bodies } = this;
    for (let i = 0; i < sections.length; i++) {
      const section = sections[i]!;
      const start = bodies[i]!;
      const end = starts[i + 1] ?? text.length;
      const repeats = this.repeats.includes(i);
      if (this.areKnown[i]) {
        pending.push({ section, text, start, end, repeats });
      } else {
        textContentOf(section)?.moveTo(text, start, end, repeats);
      }
    }
  }

  private clear(): void {
    this.start = 0;
    this.end = 0;
    this.sections.length = 0;
    // Not emptied, for it is what indexes the sections.
    this.hashes = [];
    this.starts.length = 0;
    this.bodies.length = 0;
    this.lines.length = 0;
    this.areKnown.length = 0;
    this.repeats.length = 0;
  }
}
