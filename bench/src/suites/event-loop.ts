import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { reloadingFile } from '../cases/file-reload.js';
import { makeTexts, referenceShape } from '../configuration.js';
import { figureOf, type Figure } from '../figure.js';
import { collectGarbage, type Case } from '../rounds.js';
import { runSuite, type Effort } from '../suite.js';

/** The longest block of the event loop, in milliseconds. */
interface Delay {
  readonly max: number;
  readonly p999: number;
}

async function measureEventLoop({ rounds }: Effort): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  const reloads: Delay[] = [];
  const idle: Delay[] = [];
  try {
    const texts = makeTexts(referenceShape);
    const reload = await reloadingFile('reload', folder, 3600, texts);
    for (let round = -2; round < rounds; round++) {
      const delay = await delayDuring(reload);
      if (round >= 0) reloads.push(delay);
      idle.push(await delayDuring({ name: 'idle', run: () => sleep(300) }));
      process.stderr.write('.');
    }
  } finally {
    rmSync(folder, { recursive: true });
    process.stderr.write('\n');
  }
  const figure = (
    id: string,
    title: string,
    samples: readonly number[],
    atMost?: number,
  ): Figure =>
    figureOf(
      {
        id: `loop.${id}`,
        title,
        unit: 'ms',
        ...(atMost === undefined ? {} : { target: { atMost } }),
      },
      samples,
    );
  return [
    figure(
      'max',
      'longest block of the event loop, reload of a file',
      reloads.map(({ max }) => max),
      50,
    ),
    figure(
      'p999',
      'the same, 99.9th percentile',
      reloads.map(({ p999 }) => p999),
      50,
    ),
    figure(
      'idle',
      'longest block when nothing happens',
      idle.map(({ max }) => max),
    ),
  ];
}

async function delayDuring({ prepare, run }: Case): Promise<Delay> {
  await prepare?.();
  collectGarbage();
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  // The first interval begins when its timer fires for the first time.
  await sleep(5);
  histogram.reset();
  await run();
  await sleep(5);
  histogram.disable();
  return {
    max: histogram.max / 1e6,
    p999: histogram.percentile(99.9) / 1e6,
  };
}

await runSuite(measureEventLoop);
