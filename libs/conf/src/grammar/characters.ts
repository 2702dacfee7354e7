// The classes of characters, one bit each; a character may be in several.

/** Space and tab. */
export const blank = 1;
/** What the name of an option is made of. */
export const nameCharacter = 2;
/** What a value is made of. */
export const valueCharacter = 4;
/** What the name of a section is made of. */
export const sectionCharacter = 8;
/** `=` and `:`. */
export const assignSign = 16;
/** What ends the content of a line: newline, carriage return, `;` and `#`. */
export const contentEnd = 32;
/** What ends a value: blanks, a comma, and whatever ends the content. */
export const valueEnd = 64;
/** The backslash, which begins an escape. */
export const backslash = 128;

export const newlineCode = 0x0a;
export const returnCode = 0x0d;
export const dollarCode = 0x24;
export const commaCode = 0x2c;
export const dotCode = 0x2e;
export const colonCode = 0x3a;
export const leftBracketCode = 0x5b;
export const rightBracketCode = 0x5d;

const alphanumeric =
  '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * The classes of each UTF-16 code unit. There is an entry for every one of
 * them, so that no index is out of bounds. (`NaN`, which charCodeAt gives
 * behind the end of a text, is in no class: every text ends in a newline.)
 */
export const classesOf = classify([
  [blank, ' \t'],
  [nameCharacter, `${alphanumeric}_*-/.[]`],
  [valueCharacter, `${alphanumeric}_=*-+/:.[]"{}\\`],
  [sectionCharacter, `${alphanumeric}_-/:.`],
  [assignSign, '=:'],
  [contentEnd, '\n\r;#'],
  [valueEnd, ' \t,\n\r;#'],
  [backslash, '\\'],
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

/** Whether a text consists of one class of characters, and is not empty. */
export function consistsOf(text: string, bit: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if ((classesOf[text.charCodeAt(i)]! & bit) === 0) return false;
  }
  return text.length > 0;
}
