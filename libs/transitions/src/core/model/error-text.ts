const longestMessage = 1000;

/**
 * The message of whatever was thrown: the message of an Error, or the text of
 * anything else. Of bounded length, without control characters but line feeds.
 * Never throws.
 */
export function messageOf(thrown: unknown): string {
  let text: string;
  try {
    // Not every message is a string.
    const what: unknown = thrown instanceof Error ? thrown.message : thrown;
    text = String(what);
  } catch {
    text = 'an error whose message cannot be read';
  }
  if (text.length > longestMessage) text = `${text.slice(0, longestMessage)}…`;
  // Line feeds stay: configuration errors list their problems line by line.
  return text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g,
    escaped,
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `1 error`, `2 errors`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The first ten, and whether there are more. */
export function listed(items: readonly string[]): string {
  return `${items.slice(0, 10).join(', ')}${items.length > 10 ? ', …' : ''}`;
}
