import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage, type Case } from './rounds.js';

/** What a case took, and how long it kept the process from other work, in milliseconds. */
export interface Stay {
  readonly milliseconds: number;
  /** The longest block of the event loop meanwhile. */
  readonly longestBlock: number;
  /** The 99.9th percentile of them. */
  readonly p999: number;
}

/** Runs a case once, after a garbage collection, and watches the event loop meanwhile. */
export async function watch({ prepare, run }: Case): Promise<Stay> {
  await prepare?.();
  collectGarbage();
  return stayOf(run);
}

/** The same as things are, without a collection before. */
export async function stayOf(run: Case['run']): Promise<Stay> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  // The first interval begins with the first time that its timer fires. A reset would forget that time.
  await sleep(5);
  const startedAt = performance.now();
  await run();
  const milliseconds = performance.now() - startedAt;
  await sleep(5);
  histogram.disable();
  return {
    milliseconds,
    longestBlock: histogram.max / 1e6,
    p999: histogram.percentile(99.9) / 1e6,
  };
}
