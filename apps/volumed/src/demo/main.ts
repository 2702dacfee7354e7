import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatReport, isFine } from './report.js';
import { runDemo } from './run.js';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '30000' },
    rounds: { type: 'string', default: '5' },
    groups: { type: 'string', default: '6' },
    clients: { type: 'string', default: '16' },
  },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(1));
}

const folder = await mkdtemp(join(tmpdir(), 'volumed-demo-'));
const seen = await runDemo({
  folder,
  requests: Number(values.requests),
  rounds: Number(values.rounds),
  groups: Number(values.groups),
  clients: Number(values.clients),
  tell: (sentence) => process.stdout.write(`${sentence}\n`),
});
process.stdout.write(`\n${formatReport(seen)}`);
if (isFine(seen)) await rm(folder, { recursive: true });
else {
  process.stdout.write(`The files of the peers are in ${folder}.\n`);
  process.exitCode = 1;
}
