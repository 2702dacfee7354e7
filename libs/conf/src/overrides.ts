import { ASSIGN, BLANK, CLASS, DOT, END } from './characters.js';
import { ConfValueError } from './errors.js';
import { quote, type ConfProblem } from './problem.js';
import { LineScanner } from './scanner.js';
import { isSectionName, splitValues, visitOptions } from './values.js';

/** One `Section.Option=values`. */
export interface Override {
  readonly section: string;
  readonly option: string;
  readonly values: readonly string[];
}

/** The path that positions of overridden options name; the line is the number of the override. */
export const OVERRIDES_PATH = '<overrides>';

/** How many dots are tried, since each one takes a look at all that is before it. */
const MOST_DOTS = 32;

/**
 * Parses overrides. The section ends at the first dot, as in the reference, unless `exists` does not know a section
 * of that name and does know one that ends at a later dot.
 * @throws ConfValueError listing all that are malformed.
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
  const scanner = new LineScanner(line);
  const section = line.slice(0, dot);
  const end = scanner.option(dot + 1);
  if (!isSectionName(section) || end !== line.length - 1) return undefined;
  // An override has no comments.
  if (/[;#\r]/.test(line)) return undefined;
  let override: Override | undefined;
  visitOptions(line, dot + 1, line.length, (option, from) => {
    override = { section, option, values: splitValues(line, from) };
  });
  return override;
}

/** The dots at which a section's name may end: the first one, and those before the assignment that follows it. */
function findDots(line: string): number[] {
  const first = line.indexOf('.', 1);
  const dots: number[] = [];
  for (let at = first; at >= 0 && dots.length < MOST_DOTS; at++) {
    const code = line.charCodeAt(at);
    if ((CLASS[code]! & (ASSIGN | END)) !== 0) break;
    if (code === DOT) dots.push(at);
  }
  return dots;
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return text.slice(start, end);
}

function isBlank(text: string, at: number): boolean {
  return (CLASS[text.charCodeAt(at)]! & BLANK) !== 0;
}
