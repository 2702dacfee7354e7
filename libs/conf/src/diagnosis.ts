import { describeCharacter, quote } from './problem.js';

const HEADER = 'a section header such as [Name]';

/** Why a line is wrong, to be put in words once it is known whether the file may be quoted. */
export class Diagnosis {
  static readonly strayOption = new Diagnosis(
    () => `an option stands before the first section; expected ${HEADER}`,
  );

  static readonly include = new Diagnosis(
    () =>
      'expected .include with one path of letters, digits and _ * - / : . [ ] after it',
  );

  readonly explain: (text: string, at: number, quotable: boolean) => string;

  private constructor(explain: Diagnosis['explain']) {
    this.explain = explain;
  }

  /** A line in which something else was expected. */
  static line(expected: string): Diagnosis {
    return new Diagnosis(
      (text, at, quotable) =>
        `expected ${expected}, got ${got(text, at, quotable)}`,
    );
  }

  /** A line that begins with a bracket; name is that of a header with a character that names cannot have. */
  static header(name: string | undefined, expected: string): Diagnosis {
    return new Diagnosis((text, at, quotable) => {
      const found = got(text, at, quotable);
      if (name === undefined) {
        return `expected ${HEADER}: ${expected} here, got ${found}`;
      }
      const which = quotable ? ` ${quote(name)}` : '';
      return `expected a section name${which} of letters, digits and _ - / : . only, got ${found}`;
    });
  }
}

function got(text: string, at: number, quotable: boolean): string {
  if (
    at > 0 &&
    text.charCodeAt(at) === 0x0a &&
    text.charCodeAt(at - 1) === 0x0d
  )
    at--;
  const code = text.charCodeAt(at);
  if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a)
    return 'the end of the line';
  if (quotable || code < 0x20 || code > 0x7e)
    return describeCharacter(text, at);
  return 'another character';
}
