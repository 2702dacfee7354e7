import type { Feed } from './feed.js';

/** One text to parse, and where it came from. */
export interface Source {
  /** The path that messages name. */
  readonly path?: string | undefined;
  /** Begins to hand out the text. */
  readonly open: () => Feed;
  /** Whether messages may quote from it. */
  readonly quotable: boolean;
}
