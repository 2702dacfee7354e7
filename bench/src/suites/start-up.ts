import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figureOf, type Figure } from '../figure.js';
import { runSuite, type Effort } from '../suite.js';

/** The programs of `start-up/`. */
type Program = 'with' | 'without' | 'after-nest' | 'bare' | 'nest';

const bootsPerRound = 9;

// The packages that importing the module may load.
const needed = [
  'libs/transitions/',
  'libs/conf/',
  'node_modules/nestjs-transitions/',
  'node_modules/@nestjs-transitions/conf/',
  'node_modules/@nestjs/common/',
  'node_modules/@nestjs/core/',
  'node_modules/rxjs/',
  'node_modules/reflect-metadata/',
];

async function measureStartUp({ rounds }: Effort): Promise<Figure[]> {
  const more: number[] = [];
  const without: number[] = [];
  const moreWork: number[] = [];
  bootMs('with');
  for (let boot = 0; boot < rounds * bootsPerRound; boot++) {
    const pair = bootBothMs(boot % 2 === 0 ? 'with' : 'without');
    without.push(pair.without);
    more.push(pair.with - pair.without);
    moreWork.push(
      bootMs('after-nest', 'with') - bootMs('after-nest', 'without'),
    );
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  const needless = loadedModules('bare').filter(isNeedless);
  for (const url of needless) process.stderr.write(`loaded: ${url}\n`);
  return [
    figureOf(
      {
        id: 'start',
        title: 'boot of an empty application: with the module, more',
        unit: 'ms',
        target: { atMost: 15 },
      },
      more,
    ),
    figureOf(
      {
        id: 'start.processor',
        title: 'the same, of the processor',
        unit: 'ms',
      },
      moreWork,
    ),
    figureOf(
      { id: 'start.without', title: 'boot without the module', unit: 'ms' },
      without,
    ),
    figureOf(
      {
        id: 'start.needless',
        title: 'modules that an import loads beyond Nest and ours',
        unit: 'modules',
        target: { atMost: 0 },
      },
      [needless.length],
    ),
  ];
}

/**
 * Both, one right after the other, because the other work of the machine comes
 * and goes.
 */
function bootBothMs(first: 'with' | 'without') {
  if (first === 'with') {
    return { with: bootMs('with'), without: bootMs('without') };
  }
  return { without: bootMs('without'), with: bootMs('with') };
}

/** From the start of the process to an application that is up, or what the program says. */
function bootMs(program: Program, ...parameters: string[]): number {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [pathOf(program), ...parameters],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The application failed: ${stderr}`);
  return Number(stdout);
}

/** The modules that a process loads: those in its coverage. */
function loadedModules(program: Program): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    const { status } = spawnSync(process.execPath, [pathOf(program)], { env });
    if (status !== 0) throw new Error('The bare import failed');
    return readdirSync(folder).flatMap((file) => {
      const { result } = JSON.parse(
        readFileSync(join(folder, file), 'utf8'),
      ) as { readonly result: readonly { readonly url: string }[] };
      return result.map(({ url }) => url);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function pathOf(program: Program): string {
  return fileURLToPath(new URL(`../start-up/${program}.js`, import.meta.url));
}

/**
 * Whether a module is neither Nest's nor ours. What Nest's packages import
 * counts as Nest's.
 */
function isNeedless(url: string): boolean {
  if (!url.startsWith('file:') || url.includes('/bench/')) return false;
  if (needed.some((folder) => url.includes(folder))) return false;
  return !nestLoads().has(url);
}

let ofNest: ReadonlySet<string> | undefined;

function nestLoads(): ReadonlySet<string> {
  return (ofNest ??= new Set(loadedModules('nest')));
}

await runSuite(measureStartUp);
