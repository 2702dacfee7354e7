// `npm run bench`: measures everything, each suite in a process of its own.
// Options: --only parse,up  --rounds 7  --json FILE  --save  --check
import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compareToBaseline } from './check.js';
import type { Figure } from './figure.js';
import { describeMachine } from './machine.js';
import {
  formatTable,
  readResults,
  writeResults,
  type Results,
} from './results.js';
import type { SuiteAnswer } from './suite.js';

interface Suite {
  readonly name: string;
  readonly rounds: number;
  /** Takes minutes: not for `--check`. */
  readonly long?: boolean;
  readonly flags?: readonly string[];
}

// After a forced collection, the engine leaves a tenth of the heap as room.
// When the heap grows by more, everything that is alive is marked meanwhile.
// Only here would a boot meet that: the collections during the reading of its
// configuration leave room for three times what is alive.
const youngHeap = ['--initial-heap-size=512'];

const suites: readonly Suite[] = [
  { name: 'agreement', rounds: 3 },
  { name: 'parse', rounds: 9 },
  { name: 'compare', rounds: 9 },
  { name: 'up', rounds: 9, flags: youngHeap },
  { name: 'up-async', rounds: 9, flags: youngHeap },
  { name: 'up-unguarded', rounds: 9, flags: youngHeap },
  { name: 'down', rounds: 9 },
  { name: 'reload', rounds: 9 },
  { name: 'file-reload', rounds: 9 },
  { name: 'file-reload-fresh', rounds: 9 },
  { name: 'event-loop', rounds: 9 },
  { name: 'failures', rounds: 7 },
  { name: 'detours', rounds: 7 },
  { name: 'slicing', rounds: 9, flags: youngHeap },
  { name: 'cold', rounds: 9 },
  {
    name: 'memory',
    rounds: 3,
    // New objects stay where they are, so allocations can be counted.
    flags: ['--min-semi-space-size=512', '--max-semi-space-size=512'],
  },
  { name: 'start-up', rounds: 15 },
  { name: 'volumed-static', rounds: 9 },
  { name: 'gate', rounds: 9 },
  { name: 'leases', rounds: 5, long: true },
  { name: 'hand-over', rounds: 5, long: true },
  { name: 'waiting', rounds: 1, long: true },
  { name: 'failures-million', rounds: 3, long: true },
  { name: 'detours-million', rounds: 3, long: true },
  { name: 'growth', rounds: 1, long: true },
];

const baseline = new URL('../baseline.json', import.meta.url);
const cache = new URL('../.cache/', import.meta.url);

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    save: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

const results = await measure();
console.log(`\n${formatTable(results)}`);
mkdirSync(cache, { recursive: true });
writeResults(options.json ?? new URL('results.json', cache), results);
if (options.save) writeResults(baseline, results);
if (options.check) check(results);

async function measure(): Promise<Results> {
  const machine = describeMachine();
  const figures: Figure[] = [];
  for (const suite of chosenSuites()) {
    process.stderr.write(`${suite.name} `);
    figures.push(...(await runInProcess(suite)));
  }
  return { machine, figures };
}

function chosenSuites(): readonly Suite[] {
  const only = options.only?.split(',');
  const unknown = only?.find((name) => !suites.some((s) => s.name === name));
  if (unknown !== undefined) {
    const names = suites.map(({ name }) => name).join(', ');
    throw new Error(`There is no suite ${unknown}; expected one of ${names}`);
  }
  if (only !== undefined) return suites.filter((s) => only.includes(s.name));
  return suites.filter(({ long = false }) => !(long && options.check));
}

function runInProcess({
  name,
  rounds,
  flags = [],
}: Suite): Promise<readonly Figure[]> {
  const child = fork(
    new URL(`suites/${name}.js`, import.meta.url),
    [options.rounds ?? String(rounds)],
    { execArgv: ['--expose-gc', ...flags] },
  );
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => {
      resolve((answer as SuiteAnswer).figures);
    });
    child.once('exit', (code) => {
      reject(new Error(`The suite ${name} ended with exit code ${code}`));
    });
  });
}

function check(now: Results): void {
  const worse = compareToBaseline(now, readResults(baseline));
  for (const sentence of worse) console.error(`WORSE  ${sentence}`);
  if (worse.length > 0) process.exitCode = 1;
  else console.log('\nNothing is worse than the baseline.');
}
