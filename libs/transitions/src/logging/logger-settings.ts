import type { LogLevel } from '@nestjs/common';
import type { ConfMap } from '@nestjs-transitions/conf';

const optionNames = [
  'LogFilePath',
  'LogToConsole',
  'DebugLevelLogging',
  'TraceLevelLogging',
] as const;

/** What section `Logging` of a configuration says. */
export interface LoggerSettings {
  /** `LogFilePath`; undefined: no file. */
  readonly filePath: string | undefined;
  /** `LogToConsole`; default true. */
  readonly toConsole: boolean;
  /** `DebugLevelLogging`: contexts whose `debug` is written; or `all`, or `none` (the default). */
  readonly debug: readonly string[];
  /** `TraceLevelLogging`: contexts whose `verbose` is written; or `all`, or `none` (the default). */
  readonly trace: readonly string[];
}

/**
 * Reads section `Logging`; undefined where it has none of its options, and then
 * Nest's logger stays as it is: the section may be the application's own.
 *
 * @throws ConfValueError for values that make no sense.
 */
export function readLoggerSettings(
  confMap: ConfMap,
): LoggerSettings | undefined {
  const section = confMap.section('Logging');
  if (!optionNames.some((name) => section?.get(name) !== undefined)) {
    return undefined;
  }
  const filePath = section?.get('LogFilePath')?.length
    ? confMap.getString('Logging', 'LogFilePath')
    : undefined;
  return {
    filePath,
    toConsole: section?.get('LogToConsole')?.length
      ? confMap.getBoolean('Logging', 'LogToConsole')
      : true,
    debug: section?.get('DebugLevelLogging') ?? [],
    trace: section?.get('TraceLevelLogging') ?? [],
  };
}

/** Whether a message of a level and a context is written. */
export function isWanted(
  { debug, trace }: LoggerSettings,
  level: LogLevel,
  context: string | undefined,
): boolean {
  if (level === 'debug') return names(debug, context);
  if (level === 'verbose') return names(trace, context);
  return true;
}

function names(contexts: readonly string[], context = ''): boolean {
  return contexts.includes('all') || contexts.includes(context);
}
