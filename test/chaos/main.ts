import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasEtcd } from '../leases/etcd-process.js';
import { chaosUsage, readChaosArguments } from './arguments.js';
import { runChaos } from './chaos-run.js';

const args = readOrExit();
if (!hasEtcd) process.exit(1);

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // From a terminal it may come twice: from npm too.
  process.on(signal, () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    process.exitCode = 130;
    console.log(`${signal}: ending what was started.`);
  });
}

const folder = mkdtempSync(join(tmpdir(), 'transitions-chaos-'));
const { minutes, seed, only } = args;
const rounds = only === undefined ? `${minutes} minutes` : `round ${only}`;
console.log(`Seed ${seed}, ${rounds}. What happens is in ${folder}.`);
const { tally, failure } = await runChaos({
  ...args,
  folder,
  tell: (line) => console.log(line),
  signal: stopping.signal,
});
console.log(`\n${tally.describe()}\n`);
if (failure === undefined) {
  rmSync(folder, { recursive: true });
  if (!stopping.signal.aborted) console.log('No law was broken.');
} else {
  console.log(failure);
  process.exitCode = 1;
}
// Of a run that was stopped, some timers still wait for what they were to undo.
process.exit();

function readOrExit(): Exclude<
  ReturnType<typeof readChaosArguments>,
  undefined
> {
  try {
    const read = readChaosArguments(process.argv.slice(2));
    if (read !== undefined) return read;
    console.log(chaosUsage);
    process.exit(0);
  } catch (thrown) {
    console.error(`${(thrown as Error).message}\n\n${chaosUsage}`);
    process.exit(1);
  }
}
