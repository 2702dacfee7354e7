import { Logger, type LoggerService, type LogLevel } from '@nestjs/common';
import { messageOf } from '../core/model/error-text.js';
import { LogFile } from './log-file.js';
import { formatLogEntry, readLogEntry } from './log-line.js';
import { isWanted, type LoggerSettings } from './logger-settings.js';

/**
 * Stands in front of the logger that the application has and passes on what the
 * settings let through, to it and to a file. It never throws: logging is no
 * reason to fail.
 */
export class ConfiguredLogger implements LoggerService {
  /** Undefined where the application has switched logging off. */
  private behind: LoggerService | undefined;
  private settings: LoggerSettings | undefined;
  private file: LogFile | undefined;
  private lastOpening: Promise<void> = Promise.resolve();

  /**
   * Takes over settings and, unless it is there already, the place of the
   * application's logger. Where a new file cannot be opened, the one before goes
   * on.
   */
  async apply(settings: LoggerSettings): Promise<void> {
    const { filePath } = this.settings ?? {};
    this.stepInFront();
    this.settings = settings;
    if (settings.filePath !== filePath) await this.reopen();
  }

  /** Opens the file anew: what has its name may be another one by now, or none. */
  async reopen(): Promise<void> {
    // One after the other, or the last opened might not be the last asked for.
    this.lastOpening = this.lastOpening.then(() => this.openAnew());
    await this.lastOpening;
  }

  /** Gives the application its logger back and closes the file. */
  async remove(): Promise<void> {
    // Another one may stand in front of this one: then it lets everything through.
    if (loggerInUse() === this) Logger.overrideLogger(this.behind ?? false);
    this.settings = undefined;
    await this.reopen();
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.pass('log', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.pass('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.pass('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.pass('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.pass('verbose', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.pass('fatal', message, rest);
  }

  setLogLevels(levels: LogLevel[]): void {
    this.behind?.setLogLevels?.(levels);
  }

  /** The application may have taken another logger meanwhile (`useLogger`). */
  private stepInFront(): void {
    const inUse = loggerInUse();
    if (inUse === this) return;
    this.behind = inUse;
    Logger.overrideLogger(this);
  }

  /** Never rejects. */
  private async openAnew(): Promise<void> {
    const before = this.file;
    try {
      this.file = await this.openFile(this.settings?.filePath);
    } catch (thrown) {
      this.report(`The log file cannot be opened: ${messageOf(thrown)}`);
      return;
    }
    await before?.close();
  }

  private async openFile(
    path: string | undefined,
  ): Promise<LogFile | undefined> {
    if (path === undefined) return undefined;
    return LogFile.open(path, (thrown) =>
      this.report(
        `The log file cannot be written, lines are lost: ${messageOf(thrown)}`,
      ),
    );
  }

  private pass(level: LogLevel, message: unknown, rest: unknown[]): void {
    const entry = readLogEntry(level, message, rest);
    const { settings, file, behind } = this;
    if (settings !== undefined && !isWanted(settings, level, entry.context)) {
      return;
    }
    file?.write(formatLogEntry(entry));
    // A file that is wanted and could not be opened leaves the console.
    const toFileOnly = settings?.toConsole === false;
    const isMissing = settings?.filePath !== undefined && file === undefined;
    if (behind === undefined || (toFileOnly && !isMissing)) return;
    const method = behind[level] === undefined ? 'log' : level;
    behind[method]?.(message, ...rest);
  }

  private report(trouble: string): void {
    this.behind?.error(trouble, undefined, 'Transitions');
  }
}

/** Nest has no public way to ask for it. */
function loggerInUse(): LoggerService | undefined {
  return Logger['staticInstanceRef'];
}
