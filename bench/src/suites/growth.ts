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

type CaseName = (typeof cases)[number];

async function measureGrowth(): Promise<Figure[]> {
  let peakGiB = 0;
  const figures = cases.map((name) => {
    const measured = sizes.map(([volumes, rounds]) =>
      measureSize(name, volumes, rounds),
    );
    peakGiB = Math.max(peakGiB, ...measured.map((size) => size.peakGiB));
    return figureOf(
      {
        id: `growth.${name}`,
        title: `${name}: worst growth over tenfold volumes, of linear`,
        unit: 'x',
        ...(name === 'yardstick' ? {} : { target: { atMost: 1.3 } }),
      },
      stepsOf(name, measured)
        .sort((one, other) => other - one)
        .slice(0, 1),
    );
  });
  return [
    ...figures,
    figureOf(
      {
        id: 'growth.peak',
        title: 'peak memory with a million volumes',
        unit: 'GiB',
        target: { atMost: 8 },
      },
      [peakGiB],
    ),
  ];
}

/** For each size but the first, how much more a volume costs than at the size before. */
function stepsOf(name: CaseName, measured: readonly SizeTimes[]): number[] {
  const costs = measured.map(
    ({ times }, index) => summarize(times).median / sizes[index]![0],
  );
  process.stderr.write(
    `${name}: ${costs.map((cost) => `${(cost * 1e6).toFixed(0)} ns`).join(', ')} for each volume\n`,
  );
  return costs.slice(1).map((cost, index) => cost / costs[index]!);
}

/** In a process of its own, as a case leaves heaps behind that slow the others. */
function measureSize(
  name: CaseName,
  volumes: number,
  rounds: number,
): SizeTimes {
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      '--expose-gc',
      '--max-old-space-size=7000',
      program,
      name,
      `${volumes}`,
      `${rounds}`,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) throw new Error(`${volumes} volumes failed: ${status}`);
  return JSON.parse(stdout) as SizeTimes;
}

await runSuite(measureGrowth);
