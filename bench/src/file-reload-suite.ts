import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reloadingFile } from './cases/file-reload.js';
import { makeTexts, referenceShape } from './configuration.js';
import { ratioFigures, type RatioRow } from './figure.js';
import { runSuite } from './suite.js';
import { measureBesideYardstick } from './yardstick/beside.js';

/**
 * A suite of one case: from a file that was changed so many seconds ago to the
 * end of the reload.
 */
export function runFileReload(
  name: string,
  ageSeconds: number,
  rows: readonly RatioRow[],
): Promise<void> {
  return runSuite(async ({ rounds }) => {
    const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
    try {
      const texts = makeTexts(referenceShape);
      const reload = await reloadingFile(name, folder, ageSeconds, texts);
      return ratioFigures(await measureBesideYardstick([reload], rounds), rows);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
