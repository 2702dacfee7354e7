import { isOptionName, isSectionName } from '../grammar/names.js';
import { encodeValue } from '../grammar/values.js';
import { ConfValueError } from '../problems/conf-error.js';
import { quote } from '../problems/quote.js';

/**
 * @throws ConfValueError for a name or a value that the format cannot write.
 */
export function checkWritable(
  section: string,
  option: string,
  values: readonly string[],
): void {
  const refuse = (what: string, text: string, expected: string): never => {
    const message = `expected ${what} ${expected}, got ${quote(text)}`;
    throw new ConfValueError('Cannot be written', [
      { section, option, message },
    ]);
  };
  if (!isSectionName(section)) {
    refuse('a section name', section, 'of letters, digits and _ - / : .');
  }
  if (!isOptionName(option)) {
    const signs = '_ * - / . [ ], and no [ at its beginning';
    refuse('an option name', option, `of letters, digits and ${signs}`);
  }
  const odd = values.find((value) => encodeValue(value) === undefined);
  if (odd !== undefined) {
    const signs = 'blank , _ = * - + / : . [ ] " { } \\';
    refuse('a value', odd, `of letters, digits and ${signs}`);
  }
}
