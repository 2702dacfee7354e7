import type { TextSource } from '../text/text-source.js';

/** An `.include` line: the path in it, and where it stands. */
export interface IncludeLine {
  readonly path: string;
  readonly source: TextSource;
  readonly line: number;
}

/**
 * Why the parser has stopped: it has used up its budget, needs more of the text
 * or the text of an included file, or has read everything.
 */
export type ParserStop = 'pause' | 'needsMore' | 'done' | IncludeLine;
