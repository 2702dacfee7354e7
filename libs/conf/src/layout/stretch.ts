import type { ConfSection } from '../sections/conf-section.js';

/**
 * Sections that follow one another in a file, with the one text that they
 * share. Maps that were read one after the other share the stretches that
 * stayed the same: those are compared and taken over as a whole.
 */
export interface Stretch {
  /** From the header of the first section up to the header of the next one. */
  readonly text: string;
  /** Whether all of its characters are known to be ASCII. */
  readonly isAscii: boolean;
  readonly lineCount: number;
  /** The sections, each as it would be if it stood nowhere else. */
  readonly sections: readonly ConfSection[];
  /** Where in the text each section begins. */
  readonly starts: readonly number[];
  /** The line of the text on which each section begins, counted from 0. */
  readonly lines: readonly number[];
  /** The numbers of the sections in which an option may occur twice. */
  readonly repeats: readonly number[];
  /**
   * Whether it is the rest of a section after an `.include`, without the
   * section's header.
   */
  readonly isRest: boolean;
}
