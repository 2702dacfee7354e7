import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reloadingFile } from '../cases/file-reload.js';
import { makeTexts, referenceShape } from '../configuration.js';
import { watch, type Stay } from '../event-loop.js';
import { timeFigure, type Figure } from '../figure.js';
import { runSuite, type Effort } from '../suite.js';

async function measureEventLoop({ rounds }: Effort): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  const reloads: Stay[] = [];
  const idle: Stay[] = [];
  try {
    const texts = makeTexts(referenceShape);
    const reload = await reloadingFile('reload', folder, 3600, texts);
    for (let round = -2; round < rounds; round++) {
      const stay = await watch(reload);
      if (round >= 0) reloads.push(stay);
      idle.push(await watch({ name: 'idle', run: () => sleep(300) }));
      process.stderr.write('.');
    }
  } finally {
    rmSync(folder, { recursive: true });
    process.stderr.write('\n');
  }
  return [
    timeFigure(
      'loop.max',
      'longest block of the event loop, reload of a file',
      reloads.map(({ longestBlock }) => longestBlock),
      50,
    ),
    timeFigure(
      'loop.p999',
      'the same, 99.9th percentile',
      reloads.map(({ p999 }) => p999),
      50,
    ),
    timeFigure(
      'loop.idle',
      'longest block when nothing happens',
      idle.map(({ longestBlock }) => longestBlock),
    ),
  ];
}

await runSuite(measureEventLoop);
