import {
  assignSign,
  blank,
  classesOf,
  contentEnd,
  dotCode,
} from '../grammar/characters.js';
import { LineScanner } from '../grammar/line-scanner.js';
import { isOptionName, isSectionName } from '../grammar/names.js';
import { visitOptions } from '../grammar/option-lines.js';
import { splitValues } from '../grammar/values.js';
import { ConfValueError } from '../problems/conf-error.js';
import type { ConfProblem } from '../problems/problem.js';
import { quote } from '../problems/quote.js';

/** One `Section.Option=values`. */
export interface Override {
  readonly section: string;
  readonly option: string;
  readonly values: readonly string[];
}

/**
 * The path in the positions of overridden options; the line is the number of
 * the override.
 */
export const OVERRIDES_PATH = '<overrides>';

/**
 * How many dots are tried; for each of them everything before it is looked at.
 */
const mostDots = 32;

/**
 * Parses overrides. A section's name ends at the first dot, as in the
 * reference, unless `exists` knows no section of that name, but one whose name
 * ends at a later dot.
 * @throws ConfValueError with all that are malformed.
 */
export function parseOverrides(
  strings: readonly string[],
  exists: (section: string) => boolean,
): Override[] {
  const overrides: Override[] = [];
  const problems: ConfProblem[] = [];
  strings.forEach((text, i) => {
    const override = parseOverride(text, exists);
    if (override !== undefined) return overrides.push(override);
    const message = `expected an override such as Section.Option=value, got ${quote(text)}`;
    return problems.push({ path: OVERRIDES_PATH, line: i + 1, message });
  });
  if (problems.length > 0) {
    throw new ConfValueError('Malformed overrides', problems);
  }
  return overrides;
}

function parseOverride(
  text: string,
  exists: (section: string) => boolean,
): Override | undefined {
  const line = `${trim(text)}\n`;
  const dots = findDots(line);
  const known = dots.find((dot) => exists(line.slice(0, dot)));
  const dot = known ?? dots[0];
  if (dot === undefined) return undefined;
  const section = line.slice(0, dot);
  const end = new LineScanner(line).option(dot + 1);
  if (!isSectionName(section) || end !== line.length - 1) return undefined;
  // An override has no comments.
  if (/[;#\r]/.test(line)) return undefined;
  let override: Override | undefined;
  visitOptions(line, dot + 1, line.length, (option, from) => {
    if (!isOptionName(option)) return;
    override = { section, option, values: splitValues(line, from) };
  });
  return override;
}

/**
 * The dots at which the name of the section may end: the first one, and the
 * others before the assignment.
 */
function findDots(line: string): number[] {
  const first = line.indexOf('.', 1);
  const dots: number[] = [];
  for (let at = first; at >= 0 && dots.length < mostDots; at++) {
    const code = line.charCodeAt(at);
    if ((classesOf[code]! & (assignSign | contentEnd)) !== 0) break;
    if (code === dotCode) dots.push(at);
  }
  return dots;
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlankAt(text, start)) start++;
  while (end > start && isBlankAt(text, end - 1)) end--;
  return text.slice(start, end);
}

function isBlankAt(text: string, at: number): boolean {
  return (classesOf[text.charCodeAt(at)]! & blank) !== 0;
}
