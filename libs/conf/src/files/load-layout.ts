import type { Layout } from '../layout/layout.js';
import { DEFAULT_LIMITS } from '../problems/conf-limits.js';
import { keepParserWarm } from '../parsing/warm-parser.js';
import { ConfFileError } from '../problems/conf-error.js';
import type { LoadOptions } from './load-options.js';
import { ReadAttempt } from './read-attempt.js';
import { sleep } from './sleep.js';

const attempts = 50;
/** In milliseconds; pauses double up to the longest. */
const firstPause = 10;
const longestPause = 100;

/**
 * Reads a configuration as one snapshot: it reads all files and, if one of them
 * changed meanwhile, reads all of them again. It gives up after 50 attempts
 * with about 5 seconds of pauses between them.
 */
export async function loadLayout(
  path: string,
  options: LoadOptions,
  previous: Layout | undefined,
): Promise<Layout> {
  const { signal } = options;
  keepParserWarm();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  let pause = firstPause;
  for (let count = 1; count <= attempts; count++) {
    signal?.throwIfAborted();
    const attempt = new ReadAttempt(path, limits, options, previous);
    if (await attempt.run()) return attempt.result(previous);
    await sleep(pause, signal);
    pause = Math.min(pause * 2, longestPause);
  }
  const message = `expected files that stand still, but they changed during each of ${attempts} attempts to read them; replace a file by renaming a complete one over it`;
  throw new ConfFileError('Unreadable configuration', [{ path, message }]);
}
