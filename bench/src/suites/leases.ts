import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DemoEtcd } from 'volumed/demo';
import { figureOf, type Figure } from '../figure.js';
import type { BootAndDown } from '../leases/boot-and-down.js';
import { unlessThereIsNoEtcd, withEtcd } from '../leases/etcd.js';
import { figuresOf } from '../leases/figures.js';
import { runSuite, type Effort } from '../suite.js';

const program = fileURLToPath(
  new URL('../leases/boot-and-down.js', import.meta.url),
);
const sizes = [1, 1_000, 25_000] as const;
const largest = 25_000;

/** What a boot and a Down take with leases in etcd, each in a process and with an etcd of its own. */
async function measureLeases({ rounds }: Effort): Promise<readonly Figure[]> {
  const runs = new Map(sizes.map((size) => [size, [] as BootAndDown[]]));
  const without: BootAndDown[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [size, runsOfSize] of runs) {
      runsOfSize.push(await withEtcd(async (etcd) => run(size, etcd, true)));
    }
    without.push(await withEtcd(async (etcd) => run(largest, etcd, false)));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  return [
    ...(['claims', 'down'] as const).flatMap((part) =>
      sizes.flatMap((size) => figuresOf(part, size, runs.get(size)!)),
    ),
    figureOf(
      {
        id: `leases.down.${largest}.without`,
        title: `${largest} volumes: a Down without leases`,
        unit: 'ms',
      },
      without.map(({ down }) => down.wall),
    ),
  ];
}

function run(
  volumes: number,
  { pid, url }: DemoEtcd,
  hasLeases: boolean,
): BootAndDown {
  const endpoint = hasLeases ? [url] : [];
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--expose-gc', program, `${volumes}`, `${pid}`, ...endpoint],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) throw new Error(`${volumes} volumes failed: ${status}`);
  return JSON.parse(stdout) as BootAndDown;
}

await runSuite((effort) => unlessThereIsNoEtcd(() => measureLeases(effort)));
