import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ColdStays } from '../cold/process.js';
import type { Stay } from '../event-loop.js';
import { timeFigure, type Figure } from '../figure.js';
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
    timeFigure(
      'cold.parse',
      'cold: parse 24 MB',
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
    timeFigure(
      id,
      title,
      stays.map((stay) => stay.milliseconds),
    ),
    timeFigure(
      `${id}.block`,
      `${title}, longest block`,
      stays.map((stay) => stay.longestBlock),
      longestBlock,
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
