import {
  blank,
  classesOf,
  colonCode,
  consistsOf,
  contentEnd,
  nameCharacter,
  newlineCode,
  returnCode,
} from './characters.js';

const keyword = '.include';

/**
 * The path of an `.include` line whose dot is at `start`, and where the path
 * ends; undefined for any other line. (`.include = x` is an option.)
 */
export function includePath(
  text: string,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  if (!isIncludeLike(text, start)) return undefined;
  let from = start + keyword.length;
  const end = endOfContent(text, from);
  if ((classesOf[text.charCodeAt(from)]! & blank) === 0) return undefined;
  while ((classesOf[text.charCodeAt(from)]! & blank) !== 0) from++;
  const path = text.slice(from, end);
  return from < end && isToken(path) ? { text: path, end } : undefined;
}

/** Whether a line was meant to be an `.include` line. */
export function isIncludeLike(text: string, start: number): boolean {
  return text.startsWith(keyword, start);
}

/**
 * The name in a section header that the reference accepts but cuts short, as it
 * does with `[foo*bar]`; undefined for any other line. The bracket is at
 * `start`.
 */
export function isOddHeader(text: string, start: number): string | undefined {
  const line = text.slice(start, endOfContent(text, start));
  const name = line.slice(1, -1);
  return line.endsWith(']') && isToken(name) ? name : undefined;
}

function isToken(text: string): boolean {
  const name = text.endsWith('$') ? text.slice(0, -1) : text;
  const plain = name.replaceAll(String.fromCharCode(colonCode), '_');
  return consistsOf(plain, nameCharacter);
}

/** Where the content of a line ends, before blanks and a comment. */
function endOfContent(text: string, from: number): number {
  let end = from;
  while (!endsContent(text, end)) end++;
  while (end > from && isBlankAt(text, end - 1)) end--;
  return end;
}

function endsContent(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === returnCode
    ? text.charCodeAt(at + 1) === newlineCode
    : (classesOf[code]! & contentEnd) !== 0;
}

function isBlankAt(text: string, at: number): boolean {
  return (classesOf[text.charCodeAt(at)]! & blank) !== 0;
}
