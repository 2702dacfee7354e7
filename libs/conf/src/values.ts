import {
  ASSIGN,
  BLANK,
  CLASS,
  COMMA,
  END,
  NAME,
  NEWLINE,
  SECTION,
  consistsOf,
} from './characters.js';
import { LineScanner } from './scanner.js';

const ESCAPED = /\\[uU]00(?:20|2[Cc])/g;

/** Above this length of a section a single value does not keep the text of the whole section in memory. */
const LARGE = 1024;

/**
 * Copies a string. A substring would keep the whole text that it was cut from in memory for as long as it lives;
 * appending makes the engine build a new one.
 */
export function detach(text: string): string {
  return ` ${text}`.slice(1);
}

/** Called for each option line in order; start and end enclose its values. Lines are counted from 0. */
export type OptionVisitor = (
  name: string,
  start: number,
  end: number,
  line: number,
) => void;

/** Walks the option lines of text that a LineScanner has found valid, from an offset at a line's start on. */
export function visitOptions(
  text: string,
  from: number,
  visit: OptionVisitor,
): void {
  let line = 0;
  for (let at = from; at < text.length; line++) {
    at = skipBlanks(text, at);
    if ((CLASS[text.charCodeAt(at)]! & END) === 0) {
      const assign = assignAfter(text, at);
      const name = text.slice(at, trimBlanks(text, at, assign));
      const start = skipBlanks(text, assign + 1);
      at = endOfValues(text, start);
      visit(name, start, at, line);
    }
    while (text.charCodeAt(at) !== NEWLINE) at++;
    at++;
  }
}

/**
 * The offsets that enclose the values of an option, in text as `visitOptions` walks it; undefined if there is none. Of
 * a repeated option, which a text may have only if `repeats` says so, it finds the last.
 */
export function findOption(
  text: string,
  from: number,
  option: string,
  repeats: boolean,
): { readonly start: number; readonly end: number } | undefined {
  let found: number | undefined;
  for (let at = from; at < text.length; at = text.indexOf('\n', at) + 1) {
    at = skipBlanks(text, at);
    if (!text.startsWith(option, at) || !isNamed(text, at, option)) continue;
    found = at;
    if (!repeats) break;
  }
  if (found === undefined) return undefined;
  const start = skipBlanks(text, assignAfter(text, found) + 1);
  return { start, end: endOfValues(text, start) };
}

/** Cuts the values between two offsets of valid text: a frozen array. */
export function splitValues(
  text: string,
  start: number,
  end: number,
): readonly string[] {
  const values: string[] = [];
  for (let at = start; at < end;) {
    const from = at;
    while (at < end && !separates(text.charCodeAt(at))) at++;
    if (at > from) values.push(decodeValue(cut(text, from, at)));
    else at++;
  }
  return Object.freeze(values);
}

/** Turns the escapes for blank and comma into these characters. */
export function decodeValue(value: string): string {
  return value.includes('\\')
    ? value.replace(ESCAPED, (found) => (found.endsWith('20') ? ' ' : ','))
    : value;
}

/** Writes a value for a file, or returns undefined when the format has no way to write it. */
export function encodeValue(value: string): string | undefined {
  const encoded = value.replace(/ /g, '\\u0020').replace(/,/g, '\\u002C');
  const ends = new LineScanner(`x: ${encoded}\n`).option(0);
  const plain = !/[\t\r\n;#]/.test(value);
  const same = plain && decodeValue(encoded) === value;
  return same && value !== '' && ends >= 0 ? encoded : undefined;
}

/** Whether the format can write this as the name of a section. */
export function isSectionName(name: string): boolean {
  return consistsOf(name, SECTION);
}

/** Whether the format can write this as the name of an option. */
export function isOptionName(name: string): boolean {
  return consistsOf(name.endsWith('$') ? name.slice(0, -1) : name, NAME);
}

/** Whether the line at that offset is one of that option. */
function isNamed(text: string, at: number, option: string): boolean {
  if ((CLASS[text.charCodeAt(at)]! & END) !== 0) return false;
  const end = trimBlanks(text, at, assignAfter(text, at));
  return end === at + option.length;
}

function assignAfter(text: string, from: number): number {
  let at = from;
  while ((CLASS[text.charCodeAt(at)]! & ASSIGN) === 0) at++;
  return at;
}

function endOfValues(text: string, from: number): number {
  let at = from;
  while ((CLASS[text.charCodeAt(at)]! & END) === 0) at++;
  return at;
}

function separates(code: number): boolean {
  return code === COMMA || (CLASS[code]! & BLANK) !== 0;
}

function cut(text: string, start: number, end: number): string {
  const value = text.slice(start, end);
  return text.length > LARGE ? detach(value) : value;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while ((CLASS[text.charCodeAt(at)]! & BLANK) !== 0) at++;
  return at;
}

function trimBlanks(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (CLASS[text.charCodeAt(end - 1)]! & BLANK) !== 0) end--;
  return end;
}
