import { inspect } from 'node:util';
import type { LogLevel } from '@nestjs/common';

/** What was given to a logger of Nest, taken apart. */
export interface LogEntry {
  readonly level: LogLevel;
  /** Whose message it is: the last argument, if that is a string. */
  readonly context: string | undefined;
  /** The message and whatever came with it, such as a stack. */
  readonly parts: readonly unknown[];
}

/** Reads the arguments of a logger's method as Nest's own logger does. */
export function readLogEntry(
  level: LogLevel,
  message: unknown,
  rest: readonly unknown[],
): LogEntry {
  const last = rest.at(-1);
  // A lone stack of an error is no context (ConsoleLogger.getContextAndStackAndMessagesToPrint).
  const isContext =
    typeof last === 'string' && !(rest.length === 1 && isStack(last));
  const others = isContext ? rest.slice(0, -1) : rest;
  return {
    level,
    context: isContext ? last : undefined,
    parts: [message, ...others.filter((part) => part !== undefined)],
  };
}

/**
 * An entry as text for a file. What is no string is shown as `util.inspect` has
 * it, and the lines after the first are indented, so that nobody can pass off a
 * piece of a message as an entry of its own.
 */
export function formatLogEntry({ level, context, parts }: LogEntry): string {
  const where = context === undefined ? '' : ` [${context}]`;
  const text = parts
    .map(textOf)
    // Fields show nothing: see logFields.
    .filter((part, index) => index === 0 || part !== '')
    .join('\n')
    .replaceAll(/\r\n?|\n/g, '\n  ');
  return `${new Date().toISOString()} ${level.toUpperCase()}${where} ${text}`;
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  try {
    if (part instanceof Error && part.stack !== undefined) return part.stack;
    return inspect(part);
  } catch {
    return 'something that cannot be shown';
  }
}

function isStack(text: string): boolean {
  return /^(.)+\n\s+at .+:\d+:\d+/.test(text);
}
