// Like with.ts, but without the module.
import { NestFactory } from '@nestjs/core';
import { tellWhenUp } from './tell-when-up.js';
import { ApplicationWithout } from './without.module.js';

await tellWhenUp(
  NestFactory.createApplicationContext(ApplicationWithout, { logger: false }),
);
