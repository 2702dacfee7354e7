import { newlineCode, returnCode } from './characters.js';
import { describeCharacter, quote } from '../problems/quote.js';

const aHeader = 'a section header such as [Name]';

/**
 * Why a line is wrong. It is put into words where it is reported, because only
 * there it is known whether the file may be quoted.
 */
export class Diagnosis {
  static readonly strayOption = new Diagnosis(
    () => `an option stands before the first section; expected ${aHeader}`,
  );

  static readonly include = new Diagnosis(
    () =>
      'expected .include with one path of letters, digits and _ * - / : . [ ] after it',
  );

  private constructor(
    /** The message, for a mistake at that offset of the text. */
    readonly explain: (text: string, at: number, quotable: boolean) => string,
  ) {}

  /** A line in which something else was expected. */
  static line(expected: string): Diagnosis {
    return new Diagnosis(
      (text, at, quotable) =>
        `expected ${expected}, got ${got(text, at, quotable)}`,
    );
  }

  /**
   * A line that begins with a bracket. The name, if there is one, is that of a
   * section header, with a character that such names cannot have.
   */
  static header(name: string | undefined, expected: string): Diagnosis {
    return new Diagnosis((text, at, quotable) => {
      const found = got(text, at, quotable);
      if (name === undefined) {
        return `expected ${aHeader}: ${expected} here, got ${found}`;
      }
      const which = quotable ? ` ${quote(name)}` : '';
      return `expected a section name${which} of letters, digits and _ - / : . only, got ${found}`;
    });
  }
}

function got(text: string, offset: number, quotable: boolean): string {
  const isInCrlf =
    text.charCodeAt(offset) === newlineCode &&
    text.charCodeAt(offset - 1) === returnCode;
  const at = isInCrlf ? offset - 1 : offset;
  const code = text.charCodeAt(at);
  if (code === returnCode && text.charCodeAt(at + 1) === newlineCode) {
    return 'the end of the line';
  }
  const isQuoted = quotable || code < 0x20 || code > 0x7e;
  return isQuoted ? describeCharacter(text, at) : 'another character';
}
