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

const target = { target: { atMost: 1.3 } };

type CaseName = (typeof cases)[number];

async function measureGrowth(): Promise<Figure[]> {
  let peakGiB = 0;
  const costs = cases.map((name) => {
    const measured = sizes.map(([volumes, rounds]) =>
      measureSize(name, volumes, rounds),
    );
    peakGiB = Math.max(peakGiB, ...measured.map((size) => size.peakGiB));
    return costsOf(name, measured);
  });
  const ofYardstick = costs[0]!;
  return [
    ...cases.map((name, at) =>
      figureOf(
        {
          id: `growth.${name}`,
          title: `${name}: worst growth over tenfold volumes, of linear`,
          unit: 'x',
          ...(name === 'yardstick' ? {} : target),
        },
        [worstGrowth(costs[at]!)],
      ),
    ),
    // What the caches of the machine and the engine's collections do to any program.
    ...cases.slice(1).map((name, at) =>
      figureOf(
        {
          id: `growth.${name}.beside`,
          title: `${name}: the same in yardsticks of each size`,
          unit: 'x',
          ...target,
        },
        [
          worstGrowth(
            costs[at + 1]!.map((cost, size) => cost / ofYardstick[size]!),
          ),
        ],
      ),
    ),
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

/** What a volume costs at each size. */
function costsOf(name: CaseName, measured: readonly SizeTimes[]): number[] {
  const costs = measured.map(
    ({ times }, index) => summarize(times).median / sizes[index]![0],
  );
  process.stderr.write(
    `${name}: ${costs.map((cost) => `${(cost * 1e6).toFixed(0)} ns`).join(', ')} for each volume\n`,
  );
  return costs;
}

/** How much more a volume costs than at the size before, where that is most. */
function worstGrowth(costs: readonly number[]): number {
  return Math.max(...costs.slice(1).map((cost, index) => cost / costs[index]!));
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
