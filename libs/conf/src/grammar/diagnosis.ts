import { describeCharacter, quote } from '../problems/quote.js';
import { newlineCode, returnCode } from './characters.js';
import { endOfContent } from './content.js';
import { isSectionName } from './names.js';

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

  /** A line that begins with a bracket and is no section header. */
  static header(start: number, expected: string): Diagnosis {
    return new Diagnosis((text, at, quotable) => {
      const line = text.slice(start, endOfContent(text, start));
      const blanks = needlessBlanks(line, quotable);
      if (blanks !== undefined) return `expected ${aHeader}, ${blanks}`;
      const wanted = wantedInHeader(line, at - start, expected, quotable);
      return `expected ${aHeader}: ${wanted}, got ${got(text, at, quotable)}`;
    });
  }
}

/** How to mend a line that would be a section header without its blanks. */
function needlessBlanks(line: string, quotable: boolean): string | undefined {
  const mended = line.replaceAll(/[ \t]/g, '');
  const isMended = mended.endsWith(']') && isSectionName(mended.slice(1, -1));
  if (!isMended || mended === line) return undefined;
  return `without blanks${quotable ? `: write ${quote(mended)}` : ''}`;
}

/** What a scanner expected at an offset of a line that begins with a bracket. */
function wantedInHeader(
  line: string,
  at: number,
  expected: string,
  quotable: boolean,
): string {
  const end = line.indexOf(']');
  if (end < 0) return '"]" after the name';
  if (at > end) {
    if (/^\][ \t]*[=:]/.test(line.slice(end))) {
      return 'no option, whose name cannot begin with a bracket';
    }
    return expected === 'the end of the line'
      ? 'only a comment after it, with ; or # before it'
      : expected;
  }
  const name = line.slice(1, line.lastIndexOf(']'));
  const which = quotable && name !== '' ? ` ${quote(name)}` : '';
  return `a name${which} of letters, digits and _ - / : . only`;
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
