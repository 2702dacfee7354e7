import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ConfMap } from '@nestjs-transitions/conf';
import type {
  TransitionCallbacks,
  TransitionContext,
} from '../core/model/callbacks.js';
import { messageOf } from '../core/model/error-text.js';
import { ConfiguredLogger } from '../logging/configured.logger.js';
import { readLoggerSettings } from '../logging/logger-settings.js';

/**
 * Applies section `Logging` to Nest's logger: first up, last down. The module
 * registers it by itself, unless the option `logging` is false. Trouble with the
 * file is logged and changes nothing else, once the configuration has passed
 * `validate`.
 */
export class LoggerParticipant implements TransitionCallbacks {
  private readonly logger = new ConfiguredLogger();
  private isDown = false;

  /** Vetoes values that make no sense, and a file that could not be written. */
  async validate(confMap: ConfMap): Promise<void> {
    const path = readLoggerSettings(confMap)?.filePath;
    if (path === undefined) return;
    try {
      await checkWritable(resolve(path));
    } catch (thrown) {
      throw new Error(
        `Logging.LogFilePath is ${path}, which cannot be written: ${messageOf(thrown)}`,
        { cause: thrown },
      );
    }
  }

  async up(confMap: ConfMap): Promise<void> {
    await this.apply(confMap);
  }

  async signaledFinish(
    confMap: ConfMap,
    { kind }: TransitionContext,
  ): Promise<void> {
    // At the end of a boot all is as `up` has left it.
    if (kind !== 'up') await this.apply(confMap);
  }

  down(): void {
    this.isDown = true;
  }

  /** A reload is asked for, which may be that of logrotate. */
  async reopen(): Promise<void> {
    await this.logger.reopen();
  }

  /** When Down is over and its outcome is logged: gives Nest its own logger back. */
  async release(): Promise<void> {
    if (this.isDown) await this.logger.remove();
  }

  private async apply(confMap: ConfMap): Promise<void> {
    const settings = readLoggerSettings(confMap);
    if (settings === undefined) await this.logger.remove();
    else await this.logger.apply(settings);
  }
}

/** Rejects unless a file, or where there is none its folder, can be written. Makes nothing. */
async function checkWritable(path: string): Promise<void> {
  const { O_WRONLY, O_APPEND, O_NONBLOCK, W_OK } = constants;
  try {
    // Not access(): that finds a folder writable too.
    const file = await open(path, O_WRONLY | O_APPEND | O_NONBLOCK);
    await file.close();
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    await access(dirname(path), W_OK);
  }
}

function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
  );
}
