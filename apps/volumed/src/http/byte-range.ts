/** Which bytes of a file to send; `end` is the last one. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const SINGLE_RANGE = /^bytes=\s*(\d*)-(\d*)\s*$/i;

/**
 * Reads a Range header for a file of `size` bytes by RFC 9110, section 14. A
 * header that is not valid, of another unit, or of several ranges is ignored,
 * which the RFC allows. An empty file is always whole: no part of it could be
 * named in a Content-Range.
 *
 * (The library `range-parser` refuses a suffix longer than the file, which the
 * RFC wants answered with the whole file, and takes `9-0` as unsatisfiable
 * rather than invalid.)
 */
export function parseByteRange(
  header: string | undefined,
  size: number,
): ByteRange {
  const match = header === undefined ? null : SINGLE_RANGE.exec(header);
  const [, first = '', last = ''] = match ?? [];
  if (size === 0 || (first === '' && last === '')) return { kind: 'whole' };
  return first === '' ? suffix(Number(last), size) : from(first, last, size);
}

function suffix(length: number, size: number): ByteRange {
  if (length === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', start: Math.max(0, size - length), end: size - 1 };
}

function from(first: string, last: string, size: number): ByteRange {
  const start = Number(first);
  const end = last === '' ? size - 1 : Number(last);
  if (end < start && last !== '') return { kind: 'whole' };
  if (start >= size) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, end: Math.min(end, size - 1) };
}
