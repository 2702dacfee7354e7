// Imports as an application's main.ts does: Nest first, then the root module.
import { NestFactory } from '@nestjs/core';
import { tellWhenUp } from './tell-when-up.js';
import { ApplicationWith } from './with.module.js';

await tellWhenUp(
  NestFactory.createApplicationContext(ApplicationWith, { logger: false }),
);
