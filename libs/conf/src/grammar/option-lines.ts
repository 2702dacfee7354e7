import { assignSign, blank, classesOf, contentEnd } from './characters.js';
import { cut } from './detach.js';

/** What no name of an option has in it, though a name asked for may have. */
const endsName = assignSign | blank | contentEnd;

/**
 * Called for each line with an option, in order. The values of the option begin
 * at `start`. Lines are counted from 0.
 */
export type OptionVisitor = (name: string, start: number, line: number) => void;

/**
 * Walks the lines with options between two offsets of a text, the start of a
 * line and the end of a line. A LineScanner must have found them valid.
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
    if ((classesOf[text.charCodeAt(at)]! & contentEnd) !== 0) continue;
    const sign = findAssignSign(text, at);
    const name = cut(text, at, trimBlanks(text, at, sign));
    at = skipBlanks(text, sign + 1);
    visit(name, at, line);
  }
}

/**
 * Finds where the values of an option begin, in lines as `visitOptions` walks
 * them and in which no option occurs twice; undefined if there is none.
 */
export function findOption(
  text: string,
  from: number,
  to: number,
  option: string,
): number | undefined {
  for (let at = from; at < to; at = text.indexOf('\n', at) + 1) {
    at = skipBlanks(text, at);
    const values = valuesOf(text, at, option);
    if (values >= 0) return values;
  }
  return undefined;
}

/**
 * Walks lines as `visitOptions` does, in which no option occurs twice, once for
 * several options. Puts where the values of each begin into `starts`, which has
 * as many places as `wanted`, and returns the names of all other options.
 */
export function findOptions(
  text: string,
  from: number,
  to: number,
  wanted: readonly string[],
  starts: (number | undefined)[],
): string[] {
  const others: string[] = [];
  for (let at = from; at < to; at = text.indexOf('\n', at) + 1) {
    at = skipBlanks(text, at);
    if ((classesOf[text.charCodeAt(at)]! & contentEnd) !== 0) continue;
    let values = -1;
    for (let i = 0; i < wanted.length && values < 0; i++) {
      values = valuesOf(text, at, wanted[i]!);
      if (values >= 0) starts[i] = values;
    }
    if (values >= 0) continue;
    others.push(cut(text, at, trimBlanks(text, at, findAssignSign(text, at))));
  }
  return others;
}

/**
 * Where the values of the line at that offset begin, if it is a line of that
 * option; negative if it is not.
 */
function valuesOf(text: string, start: number, option: string): number {
  let at = start;
  for (let i = 0; i < option.length; i++, at++) {
    const code = option.charCodeAt(i);
    const isSame = text.charCodeAt(at) === code;
    if (!isSame || (classesOf[code]! & endsName) !== 0) return -1;
  }
  at = skipBlanks(text, at);
  return (classesOf[text.charCodeAt(at)]! & assignSign) === 0
    ? -1
    : skipBlanks(text, at + 1);
}

function findAssignSign(text: string, from: number): number {
  let at = from;
  while ((classesOf[text.charCodeAt(at)]! & assignSign) === 0) at++;
  return at;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while ((classesOf[text.charCodeAt(at)]! & blank) !== 0) at++;
  return at;
}

function trimBlanks(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (classesOf[text.charCodeAt(end - 1)]! & blank) !== 0) {
    end--;
  }
  return end;
}
