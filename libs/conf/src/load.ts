import { ConfFileError } from './errors.js';
import type { Layout } from './layout.js';
import { DEFAULT_LIMITS } from './limits.js';
import { sleep } from './pause.js';
import { Reading, type LoadOptions } from './reading.js';
import { keepStandby } from './standby.js';

const ATTEMPTS = 50;
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 100;

/**
 * Reads a configuration as one snapshot: reads all files, and if one of them changed meanwhile, all of them again.
 * It gives up after 50 attempts, with about 5 seconds of pauses between them.
 */
export async function loadLayout(
  path: string,
  options: LoadOptions,
  previous: Layout | undefined,
): Promise<Layout> {
  const { signal } = options;
  keepStandby();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  let pause = FIRST_PAUSE;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    const reading = new Reading(path, limits, options, previous);
    if (await reading.run()) return reading.result(previous);
    await sleep(pause, signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
  const message = `expected files that stand still, but they changed during each of ${ATTEMPTS} attempts to read them; replace a file by renaming a complete one over it`;
  throw new ConfFileError('Unreadable configuration', [{ path, message }]);
}
