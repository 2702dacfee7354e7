import { isOptionName, isSectionName } from '../grammar/names.js';
import { encodeValue } from '../grammar/values.js';
import { ConfValueError } from '../problems/conf-error.js';
import type { ConfProblem } from '../problems/problem.js';
import { quote } from '../problems/quote.js';

const sectionName = 'a section name of letters, digits and _ - / : .';
const optionName =
  'an option name of letters, digits and _ * - / . [ ], and no [ at its beginning';
const aValue =
  'a value of letters, digits and blank , _ = * - + / : . [ ] " { } \\';

/** @throws ConfValueError for a name or a value that the format cannot write. */
export function checkWritable(
  section: string,
  option: string,
  values: readonly string[],
): void {
  checkSectionName(section);
  const problem = optionProblem(section, option, values);
  if (problem !== undefined) {
    throw new ConfValueError('Cannot be written', [problem]);
  }
}

/** @throws ConfValueError for a name that the format cannot write. */
export function checkSectionName(section: string): void {
  const problem = sectionProblem(section);
  if (problem !== undefined) {
    throw new ConfValueError('Cannot be written', [problem]);
  }
}

/** Why the format cannot write this as the name of a section. */
export function sectionProblem(section: string): ConfProblem | undefined {
  if (isSectionName(section)) return undefined;
  return { section, message: `expected ${sectionName}, got ${quote(section)}` };
}

/** Why the format cannot write this option of a section. */
export function optionProblem(
  section: string,
  option: string,
  values: readonly string[],
): ConfProblem | undefined {
  if (!isOptionName(option)) {
    const message = `expected ${optionName}, got ${quote(option)}`;
    return valueProblem(section, option, message);
  }
  const odd = values.find((value) => encodeValue(value) === undefined);
  if (odd === undefined) return undefined;
  const message =
    odd === ''
      ? 'expected a value that is not empty; an option without values has an empty list'
      : `expected ${aValue}, got ${quote(odd)}`;
  return valueProblem(section, option, message);
}

/** A problem of an option, which its message names. */
export function valueProblem(
  section: string,
  option: string,
  message: string,
): ConfProblem {
  const named = isSectionName(section) ? section : quote(section);
  const which = isOptionName(option) ? `${option}: ` : '';
  return { section, option, message: `[${named}] ${which}${message}` };
}
