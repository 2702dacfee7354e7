import {
  blank,
  classesOf,
  contentEnd,
  newlineCode,
  returnCode,
} from './characters.js';

/**
 * Where the content of a line ends: before a comment, and the blanks before
 * that.
 */
export function endOfContent(text: string, from: number): number {
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
