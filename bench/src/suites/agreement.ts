import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTexts, referenceShape } from '../configuration.js';
import { figureOf, type Figure } from '../figure.js';
import { runSuite, type Effort } from '../suite.js';
import { yardstick } from '../yardstick/yardstick.js';

// The reference of the project, if there is one, lies beside the checkout.
const reference = new URL('../../../../shared/reference/', import.meta.url);
const generator = fileURLToPath(new URL('perf-gen.mjs', reference));
const theirYardstick = new URL('yardstick.mjs', reference);

/**
 * The yardstick of the reference: milliseconds for a file, the median of five
 * runs.
 */
interface TheirYardstick {
  readonly yardstick: (path: string) => number;
}

async function measureAgreement({ rounds }: Effort): Promise<Figure[]> {
  if (!existsSync(generator)) {
    process.stderr.write('skipped: the shared reference is not there\n');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  try {
    const path = join(folder, 'reference');
    const { volumes, volumesPerGroup, peers } = referenceShape;
    const shape = [volumes, volumesPerGroup, peers, 0.03].map(String);
    spawnSync(process.execPath, [generator, ...shape, path]);
    const { before, after } = makeTexts(referenceShape);
    compare(before, `${path}.a.conf`);
    compare(after, `${path}.b.conf`);
    return [await compareYardsticks(before, `${path}.a.conf`, rounds)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(ours: string, path: string): void {
  if (readFileSync(path, 'utf8') === ours) return;
  throw new Error(`The generator writes another text than ${path}`);
}

async function compareYardsticks(
  text: string,
  path: string,
  rounds: number,
): Promise<Figure> {
  const theirs = (await import(theirYardstick.href)) as TheirYardstick;
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ratios.push(yardstick(text) / theirs.yardstick(path));
  }
  return figureOf(
    {
      id: 'agreement',
      title: 'our yardstick, of the reference yardstick',
      unit: 'x',
    },
    ratios,
  );
}

await runSuite(measureAgreement);
