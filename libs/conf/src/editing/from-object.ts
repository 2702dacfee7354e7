import { ConfValueError } from '../problems/conf-error.js';
import { DEFAULT_LIMITS } from '../problems/conf-limits.js';
import { ProblemList } from '../problems/problem-list.js';
import { quote } from '../problems/quote.js';
import { makeSection, type ConfSection } from '../sections/conf-section.js';
import { MadeContent, type Options } from '../sections/section-content.js';
import { optionProblem, sectionProblem, valueProblem } from './writable.js';

/** A value as plain data. Numbers are finite. */
export type ConfScalar = string | number | bigint | boolean;

/** A configuration as plain data: sections, options, values. */
export type ConfInput = Readonly<
  Record<string, Readonly<Record<string, ConfScalar | readonly ConfScalar[]>>>
>;

const scalars = 'a string, a finite number, a bigint or a boolean';

/**
 * Makes sections of plain data. It may come from anywhere, such as from a YAML
 * file, and be anything.
 * @throws ConfValueError with everything that is no plain data, and with all
 * names and values that the format cannot write.
 */
export function sectionsOf(object: ConfInput): ConfSection[] {
  const problems = new ProblemList(DEFAULT_LIMITS.problems);
  const sections: ConfSection[] = [];
  if (!isRecord(object)) {
    const message = `expected an object of sections, got ${describe(object)}`;
    problems.add(undefined, { message });
  } else {
    for (const [name, given] of Object.entries(object)) {
      const options = readSection(name, given, problems);
      if (options.size === 0) continue;
      sections.push(makeSection(name, new MadeContent(options)));
    }
  }
  if (problems.count === 0) return sections;
  throw new ConfValueError('No configuration', problems.all);
}

function readSection(
  name: string,
  given: unknown,
  problems: ProblemList,
): Options {
  const options = new Map<string, readonly string[]>();
  const problem = sectionProblem(name);
  if (problem !== undefined) problems.add(undefined, problem);
  if (!isRecord(given)) {
    const message = `[${name}] expected an object of options, got ${describe(given)}`;
    if (problem === undefined) {
      problems.add(undefined, { section: name, message });
    }
    return options;
  }
  for (const [option, value] of Object.entries(given)) {
    const values = readValues(name, option, value, problems);
    if (values !== undefined) options.set(option, values);
  }
  return options;
}

function readValues(
  section: string,
  option: string,
  given: unknown,
  problems: ProblemList,
): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const values: string[] = [];
  // Not a loop over the entries: a hole in an array is no value either.
  for (let i = 0; i < list.length; i++) {
    const each = list[i];
    if (isScalar(each)) values.push(String(each));
    else {
      const message = `expected ${scalars}, or a list of these, got ${describe(each)}`;
      problems.add(undefined, valueProblem(section, option, message));
      return undefined;
    }
  }
  const problem = optionProblem(section, option, values);
  if (problem === undefined) return Object.freeze(values);
  problems.add(undefined, problem);
  return undefined;
}

function isScalar(value: unknown): value is ConfScalar {
  return (
    ['string', 'bigint', 'boolean'].includes(typeof value) ||
    Number.isFinite(value)
  );
}

// Not by the prototype, which another realm has a different one of.
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || value === undefined || value === null) {
    return String(value);
  }
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'a list';
  return isRecord(value) ? 'an object' : 'an object of a class';
}
