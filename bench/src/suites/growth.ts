import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { figureOf, type Figure } from '../figure.js';
import type { CaseName, SizeTimes } from '../growth/size.js';
import { summarize } from '../statistics.js';
import { runSuite } from '../suite.js';

const program = fileURLToPath(new URL('../growth/size.js', import.meta.url));
const sizes = [
  [1000, 150],
  [10_000, 31],
  [100_000, 9],
  [1_000_000, 5],
] as const;
const cases: readonly CaseName[] = ['parse', 'up', 'reload 3 %', 'down'];
const target = { target: { atMost: 1.3 } };

async function measureGrowth(): Promise<Figure[]> {
  const yardstick = measureCase('yardstick');
  const measured = cases.map((name) => ({ name, ...measureCase(name) }));
  const all = [yardstick, ...measured];
  return [
    growthFigure('yardstick', 'yardstick', yardstick.costs, {}),
    ...measured.map(({ name, costs }) =>
      growthFigure(name, name, costs, target),
    ),
    // What the caches of the machine and the engine's collections do to any program.
    ...measured.map(({ name, costs }) =>
      growthFigure(
        `${name}.beside`,
        `${name}, in yardsticks of each size`,
        costs.map((cost, size) => cost / yardstick.costs[size]!),
        target,
      ),
    ),
    figureOf(
      {
        id: 'growth.peak',
        title: 'peak memory with a million volumes',
        unit: 'GiB',
        target: { atMost: 8 },
      },
      [Math.max(...all.map(({ peakGiB }) => peakGiB))],
    ),
  ];
}

function growthFigure(
  id: string,
  what: string,
  costs: readonly number[],
  aim: Pick<Figure, 'target'>,
): Figure {
  const title = `${what}: worst growth over tenfold volumes, of linear`;
  return figureOf({ id: `growth.${id}`, title, unit: 'x', ...aim }, [
    worstGrowth(costs),
  ]);
}

/** What a volume costs at each size, and the most memory that any of them took. */
function measureCase(name: CaseName): { costs: number[]; peakGiB: number } {
  const measured = sizes.map(([volumes, rounds]) =>
    measureSize(name, volumes, rounds),
  );
  const costs = measured.map(
    ({ times }, index) => summarize(times).median / sizes[index]![0],
  );
  process.stderr.write(
    `${name}: ${costs.map((cost) => `${(cost * 1e6).toFixed(0)} ns`).join(', ')} for each volume\n`,
  );
  return {
    costs,
    peakGiB: Math.max(...measured.map(({ peakGiB }) => peakGiB)),
  };
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
