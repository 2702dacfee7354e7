import {
  ASSIGN,
  BLANK,
  CLASS,
  COLON,
  COMMA,
  DOLLAR,
  END,
  NAME,
  NEWLINE,
  RETURN,
  RIGHT_BRACKET,
  SECTION,
  VALUE,
} from './characters.js';

const FAILED = -1;

/**
 * Checks the lines of one text, which must end in a newline. It allocates nothing and looks at each character once.
 * The methods return the index of the line's newline, or -1 and say in `failedAt` and `expected` what was wrong.
 */
export class LineScanner {
  failedAt = 0;
  expected = '';
  /** A hash of the name of the last option: equal names have equal hashes. */
  nameHash = 0;
  /** Where the name of the last section header ends. */
  nameEnd = 0;

  /** The text, which may be replaced between two lines. */
  constructor(public text = '') {}

  /** A plain section header, `[Name]`, from its bracket on. */
  header(start: number): number {
    const { text } = this;
    let at = start + 1;
    while ((CLASS[text.charCodeAt(at)]! & SECTION) !== 0) at++;
    if (at === start + 1) return this.#fail(at, 'the name of a section');
    if (text.charCodeAt(at) !== RIGHT_BRACKET) return this.#fail(at, '"]"');
    this.nameEnd = at;
    return this.tail(at + 1);
  }

  /** `Name: value, value` or `Name = value value`, from the first character of the name on. */
  option(start: number): number {
    const { text } = this;
    let at = start;
    let hash = 0;
    let code = text.charCodeAt(at);
    while ((CLASS[code]! & NAME) !== 0) {
      hash = (Math.imul(hash, 31) + code) | 0;
      code = text.charCodeAt(++at);
    }
    this.nameHash = hash;
    if (code === DOLLAR && at > start) code = text.charCodeAt(++at);
    if (at === start) return this.#nameless(at, code);
    return this.#assignment(at);
  }

  /** What may follow a complete line: blanks, a comment, the newline. */
  tail(start: number): number {
    const { text } = this;
    let at = start;
    while ((CLASS[text.charCodeAt(at)]! & BLANK) !== 0) at++;
    const code = text.charCodeAt(at);
    return (CLASS[code]! & END) === 0
      ? this.#fail(at, 'the end of the line')
      : this.#end(at, code);
  }

  // The reference reads `:a=b` as an option without a name: it looks for a name that may contain a colon,
  // and then cuts it at that colon.
  #nameless(start: number, code: number): number {
    if (code !== COLON) return this.#fail(start, 'the name of an option');
    const { text } = this;
    let at = start + 1;
    while ((CLASS[text.charCodeAt(at)]! & NAME) !== 0) at++;
    if (text.charCodeAt(at) === DOLLAR) at++;
    return this.#assignment(at);
  }

  #assignment(start: number): number {
    const { text } = this;
    let at = start;
    let code = text.charCodeAt(at);
    while ((CLASS[code]! & BLANK) !== 0) code = text.charCodeAt(++at);
    if ((CLASS[code]! & ASSIGN) === 0) return this.#fail(at, '":" or "="');
    code = text.charCodeAt(++at);
    while ((CLASS[code]! & BLANK) !== 0) code = text.charCodeAt(++at);
    return (CLASS[code]! & END) === 0 ? this.#values(at) : this.#end(at, code);
  }

  #values(start: number): number {
    const { text } = this;
    let at = start;
    for (;;) {
      const from = at;
      let code = text.charCodeAt(at);
      while ((CLASS[code]! & VALUE) !== 0) code = text.charCodeAt(++at);
      if (at === from) return this.#fail(at, 'a value');
      if (code === DOLLAR) {
        code = text.charCodeAt(++at);
        // The reference takes a dollar at the end of a value and, in a line such as `a:b$=c`, before `=` or `:`.
        if ((CLASS[code]! & ASSIGN) !== 0) continue;
      }
      const end = at;
      while ((CLASS[code]! & BLANK) !== 0) code = text.charCodeAt(++at);
      if ((CLASS[code]! & END) !== 0) return this.#end(at, code);
      if (code === COMMA) {
        do code = text.charCodeAt(++at);
        while ((CLASS[code]! & BLANK) !== 0);
      } else if (at === end) {
        return this.#fail(at, 'a blank, a comma or the end of the line');
      }
    }
  }

  #end(start: number, code: number): number {
    if (code === NEWLINE) return start;
    if (code === RETURN) return this.#returned(start);
    const { text } = this;
    let at = start;
    for (;;) {
      const next = text.charCodeAt(++at);
      if (next === NEWLINE) return at;
      if (next === RETURN) return this.#returned(at);
      if (next === 0) return this.#fail(at, 'text');
    }
  }

  #returned(at: number): number {
    return this.text.charCodeAt(at + 1) === NEWLINE
      ? at + 1
      : this.#fail(at, 'a newline after the carriage return');
  }

  #fail(at: number, expected: string): number {
    this.failedAt = at;
    this.expected = expected;
    return FAILED;
  }
}
