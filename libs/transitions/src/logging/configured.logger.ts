import {
  ConsoleLogger,
  Logger,
  type LoggerService,
  type LogLevel,
} from '@nestjs/common';
import { messageOf } from '../core/errors.js';
import { LogFile } from './log.file.js';
import { isWanted, type LoggerSettings } from './logger.settings.js';

/**
 * Stands in front of the logger that the application has and passes on what the
 * settings let through, to it and to a file.
 */
export class ConfiguredLogger implements LoggerService {
  private settings: LoggerSettings | undefined;
  private file: LogFile | undefined;

  private constructor(private readonly behind: LoggerService) {}

  /** Takes the place of the application's logger. */
  static install(): ConfiguredLogger {
    // Nest has no public way to ask for the logger that is in use.
    const behind = Logger['staticInstanceRef'] ?? new ConsoleLogger();
    const logger = new ConfiguredLogger(behind);
    Logger.overrideLogger(logger);
    return logger;
  }

  /** Gives the application its logger back and closes the file. */
  async remove(): Promise<void> {
    if (Logger['staticInstanceRef'] === this)
      Logger.overrideLogger(this.behind);
    await this.file?.close();
    this.file = undefined;
  }

  /** Takes over other settings; the file is opened anew even when its path is the same. */
  async apply(settings: LoggerSettings): Promise<void> {
    const { filePath } = settings;
    const before = this.file;
    this.file =
      filePath === undefined
        ? undefined
        : await LogFile.open(filePath, (error) => this.reportTrouble(error));
    this.settings = settings;
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
    this.behind.setLogLevels?.(levels);
  }

  private pass(level: LogLevel, message: unknown, rest: unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    const { settings } = this;
    if (settings !== undefined && !isWanted(settings, level, context)) return;
    this.file?.write(formatLine(level, context, message));
    if (settings?.toConsole === false) return;
    (this.behind[level] ?? this.behind.log).call(this.behind, message, ...rest);
  }

  private reportTrouble(error: Error): void {
    this.behind.error(
      `The log file cannot be written, lines are lost: ${messageOf(error)}`,
      undefined,
      'Transitions',
    );
  }
}

function formatLine(
  level: LogLevel,
  context: string | undefined,
  message: unknown,
): string {
  const text =
    message instanceof Error
      ? (message.stack ?? message.message)
      : typeof message === 'string'
        ? message
        : JSON.stringify(message);
  const where = context === undefined ? '' : ` [${context}]`;
  return `${new Date().toISOString()} ${level.toUpperCase()}${where} ${text}`;
}
