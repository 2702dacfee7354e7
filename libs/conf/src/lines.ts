import {
  BLANK,
  CLASS,
  COLON,
  consistsOf,
  END,
  NAME,
  NEWLINE,
  RETURN,
} from './characters.js';

const INCLUDE = '.include';

/**
 * The path of an `.include` line whose dot is at start, and where it ends; undefined when the line is no such line.
 * (`.include = x` is an option of that name.)
 */
export function includePath(
  text: string,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  if (!text.startsWith(INCLUDE, start)) return undefined;
  let from = start + INCLUDE.length;
  const end = contentEnd(text, from);
  if ((CLASS[text.charCodeAt(from)]! & BLANK) === 0) return undefined;
  while ((CLASS[text.charCodeAt(from)]! & BLANK) !== 0) from++;
  const path = text.slice(from, end);
  return from < end && isToken(path) ? { text: path, end } : undefined;
}

/** Whether a line was meant to be an `.include` line. */
export function isIncludeLike(text: string, start: number): boolean {
  return text.startsWith(INCLUDE, start);
}

/**
 * The name of a section header that the reference accepts but cuts short, as it does `[foo*bar]`; undefined for any
 * other line. The bracket is at start.
 */
export function isOddHeader(text: string, start: number): string | undefined {
  const line = text.slice(start, contentEnd(text, start));
  const name = line.slice(1, -1);
  return line.endsWith(']') && isToken(name) ? name : undefined;
}

function isToken(text: string): boolean {
  const name = text.endsWith('$') ? text.slice(0, -1) : text;
  return consistsOf(name.replaceAll(String.fromCharCode(COLON), '_'), NAME);
}

/** Where the content of a line ends, before blanks and a comment. */
function contentEnd(text: string, from: number): number {
  let end = from;
  while (!endsContent(text, end)) end++;
  while (end > from && (CLASS[text.charCodeAt(end - 1)]! & BLANK) !== 0) end--;
  return end;
}

function endsContent(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === RETURN
    ? text.charCodeAt(at + 1) === NEWLINE
    : (CLASS[code]! & END) !== 0;
}
