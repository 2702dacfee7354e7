// Boots the application with the module, or the one without it, after Nest was
// loaded. Prints the milliseconds of the processor, all threads together, from
// there until it is up.
import { setTimeout } from 'node:timers/promises';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

// What compiles and collects beside the loading of Nest comes to rest.
await setTimeout(50);
const start = process.cpuUsage();
const application = await NestFactory.createApplicationContext(
  await rootModule(),
  { logger: false },
);
const { user, system } = process.cpuUsage(start);
await application.close();
process.stdout.write(String((user + system) / 1000));

async function rootModule(): Promise<Type> {
  if (process.argv[2] === 'with') {
    return (await import('./with.module.js')).ApplicationWith;
  }
  return (await import('./without.module.js')).ApplicationWithout;
}
