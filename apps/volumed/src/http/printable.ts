/**
 * The text in ASCII: what is not printable is escaped as JSON does it, so that no
 * name can start a line, move a cursor or change the direction of text in the
 * terminal of who reads it.
 */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, escapeCodeUnit);
}

function escapeCodeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
