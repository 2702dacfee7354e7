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
/**
 * How often everything is measured, since other work of the machine may affect
 * one size and not another.
 */
const repeats = 3;
const target = { target: { atMost: 1.3 } };

/** What a volume costs at each size, and the most memory that any size took. */
interface Measured {
  readonly costs: readonly number[];
  readonly peakGiB: number;
}

async function measureGrowth(): Promise<Figure[]> {
  const names: readonly CaseName[] = ['yardstick', ...cases];
  const all = Array.from(
    { length: repeats },
    () => new Map(names.map((name) => [name, measureCase(name)])),
  );
  const growths = (name: CaseName): number[] =>
    all.map((measured) => worstGrowth(measured.get(name)!.costs));
  const growthsBeside = (name: CaseName): number[] =>
    all.map((measured) => {
      const yardstick = measured.get('yardstick')!.costs;
      const { costs } = measured.get(name)!;
      return worstGrowth(costs.map((cost, size) => cost / yardstick[size]!));
    });
  const peaks = all.flatMap((measured) =>
    [...measured.values()].map(({ peakGiB }) => peakGiB),
  );
  return [
    growthFigure('yardstick', 'yardstick', growths('yardstick'), {}),
    ...cases.map((name) => growthFigure(name, name, growths(name), target)),
    // What the caches of the machine and the garbage collector do to any
    // program.
    ...cases.map((name) =>
      growthFigure(
        `${name}.beside`,
        `${name}, in yardsticks of each size`,
        growthsBeside(name),
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
      [Math.max(...peaks)],
    ),
  ];
}

function growthFigure(
  id: string,
  what: string,
  growths: readonly number[],
  aim: Pick<Figure, 'target'>,
): Figure {
  const title = `${what}: worst growth over tenfold volumes, of linear`;
  return figureOf({ id: `growth.${id}`, title, unit: 'x', ...aim }, growths);
}

function measureCase(name: CaseName): Measured {
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

/**
 * The largest ratio between what a volume costs at one size and at the size
 * before.
 */
function worstGrowth(costs: readonly number[]): number {
  return Math.max(...costs.slice(1).map((cost, index) => cost / costs[index]!));
}

/**
 * In a process of its own, because a case leaves a heap behind that slows the
 * others.
 */
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
