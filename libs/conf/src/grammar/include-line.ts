import {
  blank,
  classesOf,
  colonCode,
  consistsOf,
  nameCharacter,
} from './characters.js';
import { endOfContent } from './content.js';

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

function isToken(text: string): boolean {
  const name = text.endsWith('$') ? text.slice(0, -1) : text;
  const plain = name.replaceAll(String.fromCharCode(colonCode), '_');
  return consistsOf(plain, nameCharacter);
}
