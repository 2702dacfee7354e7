/** Bounds on what one configuration may ask of this process. */
export interface ConfLimits {
  /**
   * Bytes of all its files together, a file counted as often as it is included. Checked before a file is read.
   * Default 400 MiB: a configuration of a million volumes has 240 MB, and one text cannot have more than 512 Mi characters.
   */
  readonly bytes: number;
  /** Characters in one line of a text, bytes in one of a file. Default 16 Mi, room for a list of a million names. */
  readonly lineLength: number;
  /** How deep `.include` may nest. Default 32. */
  readonly includeDepth: number;
  /** How many `.include` lines are followed in all. Default 1000. */
  readonly includes: number;
  /** How many problems an error lists; of the rest it says only that there are more. Default 100. */
  readonly problems: number;
}

/** The limits that hold where none are given. */
export const DEFAULT_LIMITS: ConfLimits = Object.freeze({
  bytes: 400 * 1024 * 1024,
  lineLength: 16 * 1024 * 1024,
  includeDepth: 32,
  includes: 1000,
  problems: 100,
});

/** A string or a Buffer. */
interface Searchable {
  readonly length: number;
  indexOf(wanted: string, from?: number): number;
  lastIndexOf(wanted: string, from?: number): number;
}

/** Finds the first line that is longer than allowed, without looking at every character. */
export function findLongLine(
  text: Searchable,
  lineLength: number,
): { readonly start: number; readonly message: string } | undefined {
  let start = 0;
  while (start + lineLength < text.length) {
    const newline = text.lastIndexOf('\n', start + lineLength);
    if (newline < start) {
      const message = `expected at most ${lineLength} characters in a line (the limit \`lineLength\`), got more`;
      return { start, message };
    }
    start = newline + 1;
  }
  return undefined;
}

/** The number of the line in which an offset is, counted from 1. */
export function lineOf(text: Searchable, offset: number): number {
  let line = 1;
  let at = text.indexOf('\n');
  while (at >= 0 && at < offset) {
    line++;
    at = text.indexOf('\n', at + 1);
  }
  return line;
}
