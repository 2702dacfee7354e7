import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reloadingFile } from '../cases/file-reload.js';
import { makeTexts, referenceShape } from '../configuration.js';
import { ratioFigures, type Figure } from '../figure.js';
import { runSuite, type Effort } from '../suite.js';
import { measureBesideYardstick } from '../yardstick/beside.js';

async function measureFileReload({ rounds }: Effort): Promise<Figure[]> {
  const texts = makeTexts(referenceShape);
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  try {
    const cases = [
      await reloadingFile('settled', folder, 3600, texts),
      await reloadingFile('fresh', folder, 0, texts),
    ];
    return ratioFigures(await measureBesideYardstick(cases, rounds), [
      ['file', 'settled', 'from changed file to applied, 3 %', 0.2],
      ['file.fresh', 'fresh', 'the same, file written just now'],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await runSuite(measureFileReload);
