import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ColdStays } from '../cold/process.js';
import type { Stay } from '../event-loop.js';
import { figureOf, type Figure } from '../figure.js';
import { runSuite, type Effort } from '../suite.js';

const program = fileURLToPath(new URL('../cold/process.js', import.meta.url));

const longestBlock = 50;

/** What a process does once, in processes that do it for the first time. */
async function measureCold({ rounds }: Effort): Promise<readonly Figure[]> {
  const good: ColdStays[] = [];
  const failing: ColdStays[] = [];
  for (let round = 0; round < rounds; round++) {
    good.push(run());
    failing.push(run('fails'));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  const all = [...good, ...failing];
  const parsed = all.map(({ parse }) => parse);
  return [
    figureOf(
      { id: 'cold.parse', title: 'cold: parse 24 MB', unit: 'ms' },
      parsed.map(({ milliseconds }) => milliseconds),
    ),
    ...figuresOf(
      'cold.up',
      'cold: up',
      all.map(({ up }) => up),
    ),
    ...figuresOf(
      'cold.reload',
      'cold: reload of 3 %',
      good.map(({ reload }) => reload),
    ),
    ...figuresOf(
      'cold.rollback',
      'cold: the same, the last serveVolume fails, rollback',
      failing.map(({ reload }) => reload),
    ),
  ];
}

function figuresOf(id: string, title: string, stays: readonly Stay[]) {
  return [
    figureOf(
      { id, title, unit: 'ms' },
      stays.map((stay) => stay.milliseconds),
    ),
    figureOf(
      {
        id: `${id}.block`,
        title: `${title}, longest block`,
        unit: 'ms',
        target: { atMost: longestBlock },
      },
      stays.map((stay) => stay.longestBlock),
    ),
  ];
}

function run(...args: readonly string[]): ColdStays {
  const { stdout, status } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`a cold process failed: ${status}`);
  return JSON.parse(stdout) as ColdStays;
}

await runSuite(measureCold);
