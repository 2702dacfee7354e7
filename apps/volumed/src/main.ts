#!/usr/bin/env node
import { readArguments, usage, UsageError } from './arguments.js';
import { startServer } from './server.js';
import { welcome } from './welcome.js';

try {
  const args = readArguments(process.argv.slice(2), process.env);
  if (args === undefined) process.stdout.write(usage);
  else process.stdout.write(welcome(await startServer(args)));
} catch (thrown) {
  // A mistake is told in words; the stack would say nothing about it.
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  process.stderr.write(`volumed: ${message}\n`);
  if (thrown instanceof UsageError) process.stderr.write(`\n${usage}`);
  process.exit(1);
}
