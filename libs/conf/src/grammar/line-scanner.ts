import {
  assignSign,
  blank,
  classesOf,
  colonCode,
  commaCode,
  contentEnd,
  dollarCode,
  nameCharacter,
  newlineCode,
  returnCode,
  rightBracketCode,
  sectionCharacter,
  valueCharacter,
} from './characters.js';

const failed = -1;

/**
 * Checks the lines of one text, which must end in a newline. It allocates
 * nothing and looks at each character once. Every method returns the offset of
 * the line's newline, or -1; then `failedAt` and `expected` say what is wrong.
 */
export class LineScanner {
  failedAt = 0;
  expected = '';
  /** A hash of the name of the last option: equal names have equal hashes. */
  nameHash = 0;
  /** Where the name of the last section header ends. */
  nameEnd = 0;

  /** The text may be replaced between two lines. */
  constructor(public text = '') {}

  /** Scans a section header, `[Name]`, from its bracket on. */
  header(start: number): number {
    const { text } = this;
    let at = start + 1;
    while ((classesOf[text.charCodeAt(at)]! & sectionCharacter) !== 0) at++;
    if (at === start + 1) return this.fail(at, 'the name of a section');
    if (text.charCodeAt(at) !== rightBracketCode) return this.fail(at, '"]"');
    this.nameEnd = at;
    return this.tail(at + 1);
  }

  /**
   * Scans `Name: value, value` or `Name = value value`, from the first
   * character of the name on.
   */
  option(start: number): number {
    const { text } = this;
    let at = start;
    let hash = 0;
    let code = text.charCodeAt(at);
    while ((classesOf[code]! & nameCharacter) !== 0) {
      hash = (Math.imul(hash, 31) + code) | 0;
      code = text.charCodeAt(++at);
    }
    this.nameHash = hash;
    if (code === dollarCode && at > start) code = text.charCodeAt(++at);
    if (at === start) return this.nameless(at, code);
    return this.assignment(at);
  }

  /** Scans what may follow a complete line: blanks, a comment, the newline. */
  tail(start: number): number {
    const { text } = this;
    let at = start;
    while ((classesOf[text.charCodeAt(at)]! & blank) !== 0) at++;
    const code = text.charCodeAt(at);
    return (classesOf[code]! & contentEnd) === 0
      ? this.fail(at, 'the end of the line')
      : this.end(at, code);
  }

  // The reference reads `:a=b` as an option without a name: it looks for a name
  // that may contain a colon, and then cuts the name at that colon.
  private nameless(start: number, code: number): number {
    if (code !== colonCode) return this.fail(start, 'the name of an option');
    const { text } = this;
    let at = start + 1;
    while ((classesOf[text.charCodeAt(at)]! & nameCharacter) !== 0) at++;
    if (text.charCodeAt(at) === dollarCode) at++;
    return this.assignment(at);
  }

  private assignment(start: number): number {
    const { text } = this;
    let at = start;
    let code = text.charCodeAt(at);
    while ((classesOf[code]! & blank) !== 0) code = text.charCodeAt(++at);
    if ((classesOf[code]! & assignSign) === 0) {
      return this.fail(at, '":" or "="');
    }
    code = text.charCodeAt(++at);
    while ((classesOf[code]! & blank) !== 0) code = text.charCodeAt(++at);
    return (classesOf[code]! & contentEnd) === 0
      ? this.values(at)
      : this.end(at, code);
  }

  private values(start: number): number {
    const { text } = this;
    let at = start;
    for (;;) {
      const from = at;
      let code = text.charCodeAt(at);
      while ((classesOf[code]! & valueCharacter) !== 0) {
        code = text.charCodeAt(++at);
      }
      if (at === from) return this.fail(at, 'a value');
      if (code === dollarCode) {
        code = text.charCodeAt(++at);
        // The reference takes a dollar at the end of a value and, in a line
        // such as `a:b$=c`, before `=` or `:`.
        if ((classesOf[code]! & assignSign) !== 0) continue;
      }
      const end = at;
      while ((classesOf[code]! & blank) !== 0) code = text.charCodeAt(++at);
      if ((classesOf[code]! & contentEnd) !== 0) return this.end(at, code);
      if (code === commaCode) {
        do code = text.charCodeAt(++at);
        while ((classesOf[code]! & blank) !== 0);
      } else if (at === end) {
        return this.fail(at, 'a blank, a comma or the end of the line');
      }
    }
  }

  private end(start: number, code: number): number {
    if (code === newlineCode) return start;
    if (code === returnCode) return this.returned(start);
    const { text } = this;
    let at = start;
    for (;;) {
      const next = text.charCodeAt(++at);
      if (next === newlineCode) return at;
      if (next === returnCode) return this.returned(at);
      if (next === 0) return this.fail(at, 'text');
    }
  }

  private returned(at: number): number {
    return this.text.charCodeAt(at + 1) === newlineCode
      ? at + 1
      : this.fail(at, 'a newline after the carriage return');
  }

  private fail(at: number, expected: string): number {
    this.failedAt = at;
    this.expected = expected;
    return failed;
  }
}
