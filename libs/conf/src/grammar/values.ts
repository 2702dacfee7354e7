import { backslash, classesOf, contentEnd, valueEnd } from './characters.js';
import { cut } from './detach.js';
import { LineScanner } from './line-scanner.js';

/** Most values, which need no closer look. */
const ordinary = /^[\w.-]+$/;
const escaped = /\\[uU]00(?:20|2[Cc])/g;

/** Cuts out the values that begin at an offset of valid text. */
export function splitValues(text: string, start: number): readonly string[] {
  const values: string[] = [];
  cutValues(text, start, values, Infinity);
  return Object.freeze(values);
}

/**
 * {@link splitValues} up to so many values, which it adds to a list. Returns where
 * others may follow; undefined at the end.
 */
export function cutValues(
  text: string,
  start: number,
  values: string[],
  most: number,
): number | undefined {
  for (let at = start; ; at++) {
    if (values.length >= most) return at;
    const from = at;
    let isPlain = true;
    let bits = classesOf[text.charCodeAt(at)]!;
    while ((bits & valueEnd) === 0) {
      if ((bits & backslash) !== 0) isPlain = false;
      bits = classesOf[text.charCodeAt(++at)]!;
    }
    if (at > from) {
      const value = cut(text, from, at);
      values.push(isPlain ? value : decodeValue(value));
    }
    if ((bits & contentEnd) !== 0) return undefined;
  }
}

/**
 * Writes a value as a file has it; undefined if the format has no way to write
 * it.
 */
export function encodeValue(value: string): string | undefined {
  if (ordinary.test(value)) return value;
  const encoded = value.replace(/ /g, '\\u0020').replace(/,/g, '\\u002C');
  const end = new LineScanner(`x: ${encoded}\n`).option(0);
  const isPlain = !/[\t\r\n;#]/.test(value);
  const isSame = isPlain && decodeValue(encoded) === value;
  return isSame && value !== '' && end >= 0 ? encoded : undefined;
}

/** Whether two lists have the same values; undefined stands for no option. */
export function sameValues(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((v, i) => v === other[i]);
}

/** Turns the escapes for blank and comma into these characters. */
function decodeValue(value: string): string {
  return value.includes('\\')
    ? value.replace(escaped, (found) => (found.endsWith('20') ? ' ' : ','))
    : value;
}
