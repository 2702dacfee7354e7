/** A place in a configuration: a line of a file, both as a person counts and names them. */
export interface ConfPosition {
  /** The path as the caller or an `.include` named it; absent for text that came from no file. */
  readonly path?: string;
  /** Counted from 1. */
  readonly line: number;
}

/** One thing that is wrong (in an error) or doubtful (in `ConfMap.warnings`), with all that is known of its place. */
export interface ConfProblem {
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1, in UTF-16 code units. */
  readonly column?: number;
  readonly section?: string;
  readonly option?: string;
  /** What is wrong, what was expected, what was found: one line, free of control characters. */
  readonly message: string;
}

/** Writes a problem as `file:line:column: message`, leaving out what is not known. */
export function formatProblem(problem: ConfProblem): string {
  const { path, line, column, message } = problem;
  const place = [
    path === undefined && line !== undefined ? '<text>' : path,
    line,
    column,
  ]
    .filter((part) => part !== undefined)
    .join(':');
  return place === '' ? message : `${place}: ${message}`;
}

const EXCERPT_LENGTH = 40;

/**
 * Quotes text for a message: at most 40 characters, and no character that could move a cursor, end a line or
 * change the direction of writing.
 */
export function quote(text: string): string {
  const short =
    text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}…` : text;
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
