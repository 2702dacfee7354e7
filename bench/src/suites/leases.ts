import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DemoEtcd } from 'volumed/demo';
import { timeFigure, type Figure } from '../figure.js';
import type { BootAndDown } from '../leases/boot-and-down.js';
import { unlessThereIsNoEtcd, withEtcd } from '../leases/etcd.js';
import { figuresOf } from '../leases/figures.js';
import { runSuite, type Effort } from '../suite.js';

const sizes = [1, 1_000, 25_000] as const;
const largest = 25_000;

/** What a boot and a Down take with leases in etcd, each in a process and with an etcd of its own. */
async function measureLeases({ rounds }: Effort): Promise<readonly Figure[]> {
  const runs = new Map(sizes.map((size) => [size, [] as BootAndDown[]]));
  const again: BootAndDown[] = [];
  const without: BootAndDown[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [size, runsOfSize] of runs) {
      await withEtcd(async (etcd) => {
        runsOfSize.push(run(size, etcd, true));
        if (size === largest) again.push(run(size, etcd, true));
      });
    }
    without.push(await withEtcd(async (etcd) => run(largest, etcd, false)));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  return [
    ...sizes.flatMap((size) => figuresOf('claims', size, runs.get(size)!)),
    ...figuresOf('again', largest, again),
    ...sizes.flatMap((size) => figuresOf('down', size, runs.get(size)!)),
    timeFigure(
      `leases.down.${largest}.without`,
      `${largest} volumes: a Down without leases`,
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
  return answerOf('boot-and-down', [
    `${volumes}`,
    `${pid}`,
    ...endpoint,
  ]) as BootAndDown;
}

/** What one of the programs of the leases prints. */
function answerOf(program: string, args: readonly string[]): unknown {
  const url = new URL(`../leases/${program}.js`, import.meta.url);
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(url), ...args],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0)
    throw new Error(`${program} failed with ${args[0]} volumes: ${status}`);
  return JSON.parse(stdout) as unknown;
}

await runSuite((effort) => unlessThereIsNoEtcd(() => measureLeases(effort)));
