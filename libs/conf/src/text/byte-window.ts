import type { Buffer } from 'node:buffer';
import type { Flaw } from './flaw.js';

/**
 * The part of a text that is in memory, as bytes: whole lines of well-formed
 * UTF-8.
 */
export interface ByteWindow {
  readonly bytes: Buffer;
  /** Whether all of them are below 128. */
  readonly isAscii: boolean;
  /** Whether the text ends here. */
  readonly isLast: boolean;
  /** Why the text ends here, if that is not its real end. */
  readonly flaw: Flaw | undefined;
  /**
   * Drops what is before an offset, and adds at least one line behind what is
   * left, unless the text ends.
   */
  moveTo(from: number): Promise<void>;
}

/** A window that shows the whole text. */
export function windowOf(bytes: Buffer, isAscii: boolean): ByteWindow {
  const moveTo = async (): Promise<void> => {};
  return { bytes, isAscii, isLast: true, flaw: undefined, moveTo };
}
