import {
  ASSIGN,
  BLANK,
  CLASS,
  END,
  ESCAPE,
  NAME,
  SECTION,
  SPLIT,
  consistsOf,
} from './characters.js';
import { LineScanner } from './scanner.js';

const ESCAPED = /\\[uU]00(?:20|2[Cc])/g;

/** What cannot be part of an option's name, though a name that is asked for may contain it. */
const NO_NAME = ASSIGN | BLANK | END;

/** Shorter strings are copied by the engine when they are cut; longer ones keep what they are cut from in memory. */
const SHORT = 13;

/**
 * Copies a string. A substring would keep the whole text that it was cut from in memory for as long as it lives;
 * joining two halves makes the engine build a new one, and one that is not itself a part of another.
 */
export function detach(text: string): string {
  const middle = text.length >>> 1;
  return [text.slice(0, middle), text.slice(middle)].join('');
}

/** Cuts a string out of a text without keeping the text in memory. */
export function cut(text: string, start: number, end: number): string {
  const piece = text.slice(start, end);
  return end - start < SHORT ? piece : detach(piece);
}

/** Called for each option line in order; its values begin at start. Lines are counted from 0. */
export type OptionVisitor = (name: string, start: number, line: number) => void;

/**
 * Walks the option lines between two offsets of text that a LineScanner has found valid. They are those of a line's
 * start and of a line's end.
 */
export function visitOptions(
  text: string,
  from: number,
  to: number,
  visit: OptionVisitor,
): void {
  let line = 0;
  for (let at = from; at < to; at = text.indexOf('\n', at) + 1, line++) {
    at = skipBlanks(text, at);
    if ((CLASS[text.charCodeAt(at)]! & END) !== 0) continue;
    const assign = assignAfter(text, at);
    const name = cut(text, at, trimBlanks(text, at, assign));
    at = skipBlanks(text, assign + 1);
    visit(name, at, line);
  }
}

/**
 * The offset of an option's values, in text as `visitOptions` walks it; undefined if there is none. Of a repeated
 * option, which a text may have only if `repeats` says so, it finds the last.
 */
export function findOption(
  text: string,
  from: number,
  to: number,
  option: string,
  repeats: boolean,
): number | undefined {
  let found: number | undefined;
  for (let at = from; at < to; at = text.indexOf('\n', at) + 1) {
    at = skipBlanks(text, at);
    const values = valuesOf(text, at, option);
    if (values < 0) continue;
    if (!repeats) return values;
    found = values;
  }
  return found;
}

/** Cuts the values that begin at an offset of valid text: a frozen array. */
export function splitValues(text: string, start: number): readonly string[] {
  const values: string[] = [];
  for (let at = start; ; at++) {
    const from = at;
    let isPlain = true;
    let bits = CLASS[text.charCodeAt(at)]!;
    while ((bits & SPLIT) === 0) {
      if ((bits & ESCAPE) !== 0) isPlain = false;
      bits = CLASS[text.charCodeAt(++at)]!;
    }
    if (at > from) {
      const value = cut(text, from, at);
      values.push(isPlain ? value : decodeValue(value));
    }
    if ((bits & END) !== 0) return Object.freeze(values);
  }
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

/** Where the values of the line at that offset begin, if it is one of that option; negative otherwise. */
function valuesOf(text: string, start: number, option: string): number {
  let at = start;
  for (let i = 0; i < option.length; i++, at++) {
    const code = option.charCodeAt(i);
    if (text.charCodeAt(at) !== code || (CLASS[code]! & NO_NAME) !== 0) {
      return -1;
    }
  }
  at = skipBlanks(text, at);
  return (CLASS[text.charCodeAt(at)]! & ASSIGN) === 0
    ? -1
    : skipBlanks(text, at + 1);
}

function assignAfter(text: string, from: number): number {
  let at = from;
  while ((CLASS[text.charCodeAt(at)]! & ASSIGN) === 0) at++;
  return at;
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
