import { registerAs } from '@nestjs/config';
import { optionsFromEnvironment } from '../options/options-from-environment.js';

/**
 * The module's options under the key `transitions` of @nestjs/config, from the
 * environment: `ConfigModule.forRoot({ load: [transitionsConfig] })` and then
 * `TransitionsModule.forRoot()`, or
 * `TransitionsModule.forRootAsync(transitionsConfig.asProvider())`.
 */
export const transitionsConfig = registerAs('transitions', () =>
  optionsFromEnvironment((name) => process.env[name]),
);
