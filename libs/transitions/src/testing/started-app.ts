import { inspect } from 'node:util';
import {
  ConsoleLogger,
  type INestApplicationContext,
  type LogLevel,
  type ModuleMetadata,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { onTestFinished } from 'vitest';
import { staticConfSource } from '../sources/static.conf-source.js';
import { TransitionsModule } from '../transitions.module.js';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { sampleConf } from './sample-conf.js';

/** What the application logged, as `level [context] message`. */
export class RecordingLogger extends ConsoleLogger {
  readonly lines: string[] = [];

  protected override printMessages(
    messages: unknown[],
    context = '',
    level: LogLevel = 'log',
  ): void {
    for (const message of messages) {
      const text = message instanceof Error ? message.message : textOf(message);
      this.lines.push(`${level} [${context}] ${text}`);
    }
  }

  /** The lines that contain a text. */
  with(text: string): string[] {
    return this.lines.filter((line) => line.includes(text));
  }
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : inspect(message);
}

/** An application whose modules and providers are given, with a sample configuration. */
export async function compileApp(
  metadata: ModuleMetadata,
  options: TransitionsModuleOptions = {},
  logger = new RecordingLogger(),
): Promise<INestApplicationContext> {
  const { imports = [], ...rest } = metadata;
  const app = await Test.createTestingModule({
    ...rest,
    imports: [
      TransitionsModule.forRoot({
        source: staticConfSource(sampleConf()),
        ...options,
      }),
      ...imports,
    ],
  })
    .setLogger(logger)
    .compile();
  onTestFinished(() => app.close());
  return app;
}

/** The same, booted; it is closed when the test is over. */
export async function startApp(
  metadata: ModuleMetadata,
  options: TransitionsModuleOptions = {},
  logger = new RecordingLogger(),
): Promise<INestApplicationContext> {
  return (await compileApp(metadata, options, logger)).init();
}
