import { isUtf8 } from 'node:buffer';
import { findLongLine } from './long-line.js';

/** Why a line cannot be read, and nothing that comes after it. */
export interface Flaw {
  /** Where the line begins. */
  readonly start: number;
  /** Counted from 1; undefined if it is the line as a whole. */
  readonly column?: number;
  readonly message: string;
  /** What the system said, where it said something. */
  readonly cause?: unknown;
}

const utf16 =
  'expected UTF-8, got what looks like UTF-16; save the file as UTF-8';

/** The length of the byte order mark at the start of a file. */
export function markLength(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** Tells from the first bytes of a file that it is UTF-16. */
export function findUtf16(bytes: Buffer): Flaw | undefined {
  const [a, b, c, d] = bytes;
  const mark = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  const little = b === 0 && d === 0 && a !== 0 && c !== 0;
  const big = a === 0 && c === 0 && b !== 0 && d !== 0;
  const isIt = mark || (bytes.length >= 4 && (little || big));
  return isIt ? { start: 0, column: 1, message: utf16 } : undefined;
}

/**
 * Finds the first line that is too long or no well-formed UTF-8. `offset` is
 * where the lines stand in their file.
 */
export function findFlaw(
  lines: Buffer,
  areAscii: boolean,
  lineLength: number,
  offset: number,
): Flaw | undefined {
  if (areAscii || isUtf8(lines)) return findLongLine(lines, lineLength);
  const at = findInvalid(lines);
  const long = findLongLine(lines.subarray(0, at), lineLength);
  if (long !== undefined) return long;
  const start = at === 0 ? 0 : lines.lastIndexOf('\n', at - 1) + 1;
  const column = lines.toString('utf8', start, at).length + 1;
  const hex = lines[at]?.toString(16).padStart(2, '0');
  const message = `expected UTF-8, got the byte 0x${hex} at byte offset ${offset + at}`;
  return { start, column, message };
}

/**
 * The offset of the first byte that is no part of a well-formed character. It
 * is found by halving.
 */
function findInvalid(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 8) {
    const middle = startOfCharacter(bytes, (good + bad) >>> 1, good);
    if (middle <= good) break;
    if (isUtf8(bytes.subarray(good, middle))) good = middle;
    else bad = middle;
  }
  while (good < bad) {
    const length = [1, 2, 3, 4].find((n) =>
      isUtf8(bytes.subarray(good, good + n)),
    );
    if (length === undefined || good + length > bytes.length) return good;
    good += length;
  }
  return good;
}

function startOfCharacter(bytes: Buffer, from: number, floor: number): number {
  let at = from;
  while (at > floor && at > from - 4 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}
