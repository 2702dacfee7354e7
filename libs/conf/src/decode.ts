import { isAscii, isUtf8 } from 'node:buffer';
import { NEWLINE } from './characters.js';
import { findLongLine } from './limits.js';
import type { ConfProblem } from './problem.js';

/** The bytes of a file without its byte order mark, known to be UTF-8, or why they are not. */
export type Checked =
  | { readonly body: Buffer; readonly isAscii: boolean }
  | { readonly problem: ConfProblem };

const UTF16 =
  'expected UTF-8, got what looks like UTF-16; save the file as UTF-8';

/** Checks that bytes are well-formed UTF-8 with lines of bounded length. */
export function checkBytes(bytes: Buffer, lineLength: number): Checked {
  if (looksLikeUtf16(bytes)) {
    return { problem: { line: 1, column: 1, message: UTF16 } };
  }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = hasMark ? bytes.subarray(3) : bytes;
  const ascii = isAscii(body);
  if (!ascii && !isUtf8(body)) return { problem: explain(bytes) };
  const problem = findLongLine(body, lineLength);
  return problem === undefined ? { body, isAscii: ascii } : { problem };
}

function looksLikeUtf16(bytes: Buffer): boolean {
  const [a, b, c, d] = bytes;
  const mark = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  const little = b === 0 && d === 0 && a !== 0 && c !== 0;
  const big = a === 0 && c === 0 && b !== 0 && d !== 0;
  return mark || (bytes.length >= 4 && (little || big));
}

function explain(bytes: Buffer): ConfProblem {
  const offset = findInvalid(bytes);
  const hex = bytes[offset]?.toString(16).padStart(2, '0');
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < offset;) {
    line++;
    start = at + 1;
    at = bytes.indexOf(NEWLINE, start);
  }
  const column = bytes.toString('utf8', start, offset).length + 1;
  const message = `expected UTF-8, got the byte 0x${hex} at byte offset ${offset}`;
  return { line, column, message };
}

/** The offset of the first byte that is no part of a well-formed character, by halving. */
function findInvalid(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 8) {
    const middle = alignDown(bytes, (good + bad) >>> 1, good);
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

function alignDown(bytes: Buffer, from: number, floor: number): number {
  let at = from;
  while (at > floor && at > from - 4 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}
