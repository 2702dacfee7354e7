import { inspect } from 'node:util';

/**
 * Fields of a log entry, as the argument after its message. Nest's ConsoleLogger
 * writes them as `params` in JSON. Where a logger writes text they show nothing,
 * because the message says it all.
 */
export function logFields(fields: object): object {
  return { ...fields, [inspect.custom]: () => '' };
}

/** The same with some properties of a thing, such as an event. */
export function fieldsOf<T extends object>(
  thing: T,
  ...names: readonly (keyof T)[]
): object {
  return logFields(pick(thing, ...names));
}

export function pick<T extends object, K extends keyof T>(
  from: T,
  ...names: readonly K[]
): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<
    T,
    K
  >;
}
