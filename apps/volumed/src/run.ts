import { readArguments, usage } from './arguments.js';
import type { Hangups } from './process/hangups.js';
import { startServer } from './server.js';
import { UsageError } from './usage-error.js';
import { welcome } from './welcome.js';

/** Does what the command line asks for; what keeps it from that ends the process with exit code 1. */
export async function run(hangups: Hangups): Promise<void> {
  try {
    const args = readArguments(process.argv.slice(2), process.env);
    if (args === undefined) process.stdout.write(usage);
    else process.stdout.write(welcome(await startServer(args, hangups)));
  } catch (thrown) {
    // A mistake is told in words; the stack would say nothing about it.
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    process.stderr.write(`volumed: ${message}\n`);
    if (thrown instanceof UsageError) process.stderr.write(`\n${usage}`);
    process.exit(1);
  }
}
