/** Space and tab. */
export const BLANK = 1;
/** What an option's name is made of. */
export const NAME = 2;
/** What a value is made of. */
export const VALUE = 4;
/** What a section's name is made of. */
export const SECTION = 8;
/** `=` and `:`. */
export const ASSIGN = 16;
/** What ends the text of a line: newline, carriage return, `;` and `#`. */
export const END = 32;

/** What a value ends before: blanks, a comma, and what ends the text of a line. */
export const SPLIT = 64;
/** The backslash, with which escapes begin. */
export const ESCAPE = 128;

export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const DOLLAR = 0x24;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const LEFT_BRACKET = 0x5b;
export const RIGHT_BRACKET = 0x5d;

const LETTERS =
  '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The classes of each UTF-16 code unit, as bits. It has an entry for all of them, so that no index is out of bounds. */
export const CLASS = classify([
  [BLANK, ' \t'],
  [NAME, `${LETTERS}_*-/.[]`],
  [VALUE, `${LETTERS}_=*-+/:.[]"{}\\`],
  [SECTION, `${LETTERS}_-/:.`],
  [ASSIGN, '=:'],
  [END, '\n\r;#'],
  [SPLIT, ' \t,\n\r;#'],
  [ESCAPE, '\\'],
]);

function classify(rows: readonly (readonly [number, string])[]): Uint8Array {
  const classes = new Uint8Array(0x10000);
  for (const [bit, characters] of rows) {
    for (let i = 0; i < characters.length; i++) {
      const code = characters.charCodeAt(i);
      classes[code] = (classes[code] ?? 0) | bit;
    }
  }
  return classes;
}

/** Whether all of text is of a class, and there is at least one character. */
export function consistsOf(text: string, bit: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if ((CLASS[text.charCodeAt(i)]! & bit) === 0) return false;
  }
  return text.length > 0;
}
