/** A string or a Buffer. */
interface Searchable {
  readonly length: number;
  indexOf(wanted: string, from?: number): number;
  lastIndexOf(wanted: string, from?: number): number;
}

/**
 * Finds the first line that is longer than allowed, without looking at every
 * character.
 */
export function findLongLine(
  text: Searchable,
  lineLength: number,
): { readonly start: number; readonly message: string } | undefined {
  let start = 0;
  while (start + lineLength < text.length) {
    const newline = text.lastIndexOf('\n', start + lineLength);
    if (newline < start) {
      const message = `expected at most ${lineLength} characters in a line (the option \`limits.lineLength\`), got more`;
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
