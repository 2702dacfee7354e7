import type { Flaw } from './flaw.js';

/**
 * A text that is handed out piece by piece. Every piece ends with a line; the
 * newline of the last line may be missing.
 */
export interface TextPieces {
  /** Whether the current piece reaches the end of the text. */
  readonly isLast: boolean;
  /**
   * Whether `fetch` has to be called before it is known how the text goes on.
   */
  readonly needsMore: boolean;
  /** Why the text ends where it does, if that is not its real end. */
  readonly flaw: Flaw | undefined;
  /**
   * Whether the current piece is known to be ASCII. Then `hasAscii` and
   * `lineAt` can be asked, also for offsets behind the piece.
   */
  readonly isAscii: boolean;
  /**
   * Goes on to the next piece. It begins at that offset of the current one: it
   * repeats what comes after the offset or, if the offset is behind the current
   * piece, leaves out what is between them. Undefined at the end of the text,
   * and when more has to be fetched.
   */
  next(keepFrom: number): string | undefined;
  /** Whether that text, which is ASCII, stands at an offset of the piece. */
  hasAscii(text: string, at: number): boolean;
  /** The line that begins at an offset; empty at the end of the text. */
  lineAt(at: number): string;
  /**
   * Fetches more of the text. The next piece then begins at that offset of the
   * current one, which is given up.
   */
  fetch(keepFrom: number): Promise<void>;
}
