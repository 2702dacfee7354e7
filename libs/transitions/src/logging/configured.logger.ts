import { Logger, type LoggerService, type LogLevel } from '@nestjs/common';
import { messageOf } from '../core/model/errors.js';
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

  /**
   * Takes over settings and, unless it is there already, the place of the
   * application's logger. The file is opened anew even when its path is the
   * same; where that fails, the one before goes on.
   */
  async apply(settings: LoggerSettings): Promise<void> {
    this.stepInFront();
    this.settings = settings;
    const before = this.file;
    try {
      this.file = await this.openFile(settings.filePath);
    } catch (thrown) {
      this.report(`The log file cannot be opened: ${messageOf(thrown)}`);
      return;
    }
    await before?.close();
  }

  /** Gives the application its logger back and closes the file. */
  async remove(): Promise<void> {
    // Another one may stand in front of this one: then it lets everything through.
    if (loggerInUse() === this) Logger.overrideLogger(this.behind ?? false);
    this.settings = undefined;
    const before = this.file;
    this.file = undefined;
    await before?.close();
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
