/**
 * Up to this length the engine copies what is cut out of a string. A longer
 * piece refers to the whole string and keeps it in memory.
 */
const copiedLength = 12;

/**
 * Copies a string. A substring would keep the whole text that it was cut out of
 * in memory for as long as it lives; joining two halves makes the engine build
 * a new string.
 */
export function detach(text: string): string {
  const middle = text.length >>> 1;
  return [text.slice(0, middle), text.slice(middle)].join('');
}

/** Cuts a piece out of a text without keeping the text in memory. */
export function cut(text: string, start: number, end: number): string {
  const piece = text.slice(start, end);
  return end - start <= copiedLength ? piece : detach(piece);
}
