import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { figureOf, type Figure } from '../figure.js';
import type { SizeTimes } from '../growth/size.js';
import { summarize } from '../statistics.js';
import { runSuite } from '../suite.js';

const program = fileURLToPath(new URL('../growth/size.js', import.meta.url));
const sizes = [
  [1000, 150],
  [10_000, 31],
  [100_000, 9],
  [1_000_000, 3],
] as const;
const cases = ['yardstick', 'parse', 'up', 'reload 3 %', 'down'] as const;

async function measureGrowth(): Promise<Figure[]> {
  const measured = sizes.map(([volumes, rounds]) =>
    measureSize(volumes, rounds),
  );
  return [
    ...cases.map((name) =>
      figureOf(
        {
          id: `growth.${name}`,
          title: `${name}: worst growth over tenfold volumes, of linear`,
          unit: 'x',
          ...(name === 'yardstick' ? {} : { target: { atMost: 1.3 } }),
        },
        stepsOf(name, measured)
          .sort((a, b) => b - a)
          .slice(0, 1),
      ),
    ),
    figureOf(
      {
        id: 'growth.peak',
        title: 'peak memory with a million volumes',
        unit: 'GiB',
        target: { atMost: 8 },
      },
      [measured.at(-1)!.peakGiB],
    ),
  ];
}

/** For each size but the first, how much more a volume costs than at the size before. */
function stepsOf(name: string, measured: readonly SizeTimes[]): number[] {
  const costs = measured.map(
    ({ times, volumes }) => summarize(times[name]!).median / volumes,
  );
  process.stderr.write(
    `${name}: ${costs.map((cost) => `${(cost * 1e6).toFixed(0)} ns`).join(', ')} for each volume\n`,
  );
  return costs.slice(1).map((cost, index) => cost / costs[index]!);
}

function measureSize(volumes: number, rounds: number): SizeTimes {
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      '--expose-gc',
      '--max-old-space-size=7000',
      program,
      `${volumes}`,
      `${rounds}`,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) throw new Error(`${volumes} volumes failed: ${status}`);
  return JSON.parse(stdout) as SizeTimes;
}

await runSuite(measureGrowth);
