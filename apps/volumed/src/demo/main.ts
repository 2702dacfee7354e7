import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { surviveLostOutput } from '../process/output.js';
import {
  type DemoArguments,
  demoUsage,
  readDemoArguments,
} from './arguments.js';
import { NoEtcdError } from './etcd.js';
import { formatReport, isFine } from './report.js';
import { runDemo } from './run.js';

surviveLostOutput();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(1));
}

const args = readOrExit();
const folder = await mkdtemp(join(tmpdir(), 'volumed-demo-'));
const seen = await runDemo({
  ...args,
  folder,
  tell: (sentence) => process.stdout.write(`${sentence}\n`),
}).catch(async (thrown: unknown) => {
  if (!(thrown instanceof NoEtcdError)) throw thrown;
  await rm(folder, { recursive: true });
  process.stderr.write(`demo: ${thrown.message}\n`);
  process.exit(1);
});
process.stdout.write(`\n${formatReport(seen)}`);
if (isFine(seen)) await rm(folder, { recursive: true });
else {
  process.stdout.write(`The files of the peers are in ${folder}.\n`);
  process.exitCode = 1;
}

function readOrExit(): DemoArguments {
  try {
    const read = readDemoArguments(process.argv.slice(2));
    if (read !== undefined) return read;
    process.stdout.write(demoUsage);
    process.exit(0);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    process.stderr.write(`demo: ${message}\n\n${demoUsage}`);
    process.exit(1);
  }
}
