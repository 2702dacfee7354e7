import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ConfMap } from '@nestjs-transitions/conf';
import type { TransitionCallbacks } from '../core/callbacks.js';
import { ConfiguredLogger } from '../logging/configured.logger.js';
import { readLoggerSettings } from '../logging/logger.settings.js';

/**
 * Applies section `Logging` to Nest's logger: first up, last down. The module
 * registers it by itself. `signaledFinish` opens the file anew, so that
 * logrotate with a SIGHUP works.
 */
export class LoggerParticipant implements TransitionCallbacks {
  private logger: ConfiguredLogger | undefined;

  /** Vetoes values that make no sense, and a file that could not be written. */
  async validate(confMap: ConfMap): Promise<void> {
    const path = readLoggerSettings(confMap)?.filePath;
    if (path === undefined) return;
    try {
      await access(path, constants.W_OK);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      await access(dirname(resolve(path)), constants.W_OK);
    }
  }

  async up(confMap: ConfMap): Promise<void> {
    await this.apply(confMap);
  }

  async signaledFinish(confMap: ConfMap): Promise<void> {
    await this.apply(confMap);
  }

  async down(): Promise<void> {
    await this.logger?.remove();
    this.logger = undefined;
  }

  private async apply(confMap: ConfMap): Promise<void> {
    const settings = readLoggerSettings(confMap);
    if (settings === undefined) {
      await this.down();
      return;
    }
    this.logger ??= ConfiguredLogger.install();
    await this.logger.apply(settings);
  }
}

function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
  );
}
