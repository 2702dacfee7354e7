import type { TextPieces } from './text-pieces.js';

/** A text to parse, and where it comes from. */
export interface TextSource {
  /** The path that messages name. */
  readonly path?: string | undefined;
  /** Begins to hand out the text. */
  readonly open: () => TextPieces;
  /** Whether messages may quote from it. */
  readonly quotable: boolean;
  /**
   * Whether its last line must end in a newline, as that of a file must: without
   * one the file was cut off, or is still being written.
   */
  readonly mustBeComplete: boolean;
}
