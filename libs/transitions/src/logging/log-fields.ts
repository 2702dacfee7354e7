import { inspect } from 'node:util';

/**
 * Fields of a log entry, as the argument after its message. Nest's ConsoleLogger
 * writes them as `params` in JSON. Where a logger writes text they show nothing,
 * because the message says it all.
 */
export function logFields(fields: object): object {
  return { ...fields, [inspect.custom]: () => '' };
}
