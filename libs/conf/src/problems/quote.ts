const excerptLength = 40;

/**
 * Quotes text for a message: at most 40 characters, without any character that
 * could move a cursor, end a line or change the direction of writing.
 */
export function quote(text: string): string {
  const short =
    text.length > excerptLength ? `${text.slice(0, excerptLength)}…` : text;
  return `"${short.replace(/["\\]|[^\x20-\x7e…]/g, escapeCharacter)}"`;
}

/** Names one character of a text, such as `"!"` or `U+00A0`. */
export function describeCharacter(text: string, at: number): string {
  const code = text.codePointAt(at);
  if (code === undefined || code === 0x0a || code === 0x0d) {
    return code === 0x0d ? 'a lone carriage return' : 'the end of the line';
  }
  if (code === 0) return 'a NUL character';
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code > 0x20 && code < 0x7f ? `"${String.fromCodePoint(code)}"` : hex;
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
