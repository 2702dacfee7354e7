import type { TextPieces } from './text-pieces.js';

/** A text to parse, and where it comes from. */
export interface TextSource {
  /** The path that messages name. */
  readonly path?: string | undefined;
  /** Begins to hand out the text. */
  readonly open: () => TextPieces;
  /** Whether messages may quote from it. */
  readonly quotable: boolean;
}
