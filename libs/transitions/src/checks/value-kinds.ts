import { nearestName } from '@nestjs-transitions/conf';

/**
 * What an option may be. Options also come from where no type checks them: from
 * JavaScript, from @nestjs/config, and as text from environment variables.
 */
export interface ValueKind {
  /** Completes "expected …" in messages. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** Reads the text of an environment variable; `accepts` judges the result. */
  readonly parse: (text: string) => unknown;
}

/** Milliseconds that something may take. Infinity: as long as it likes. */
export const timeLimit = numberKind(
  'milliseconds above 0',
  (value) => value > 0,
);

/** Milliseconds that something waits. */
export const delay = numberKind(
  'a finite number of milliseconds',
  (value) => value >= 0 && value < Infinity,
);

/** A number of volumes. Infinity: any number. */
export const volumeCount = numberKind(
  'a number of volumes',
  (value) => value >= 0,
);

/** A number of requests. Infinity: any number. */
export const requestCount = numberKind(
  'a number of requests',
  (value) => value >= 0,
);

/** A place among others, which may be infinitely early or late. */
export const orderNumber = numberKind('a number', () => true);

/** A number of things, of which there is at least one. */
export const wholeFromOne = numberKind(
  'a whole number from 1',
  (value) => Number.isInteger(value) && value >= 1,
);

/** True or false. */
export const flag: ValueKind = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  parse: (text) =>
    text === 'true' || text === 'false' ? text === 'true' : text,
};

/** One of some words. */
export function choice(...words: readonly string[]): ValueKind {
  return {
    expected: words.map((word) => `'${word}'`).join(' or '),
    accepts: (value) => typeof value === 'string' && words.includes(value),
    parse: (text) => text,
  };
}

/** Texts, each of which is what `what` says. */
export function listOf(what: string): ValueKind {
  return {
    expected: `a list, each a ${what}`,
    accepts: (value) =>
      Array.isArray(value) && value.every((one) => typeof one === 'string'),
    parse: (text) => text,
  };
}

/** Options of their own. */
export const plainObject: ValueKind = {
  expected: 'an object',
  accepts: (value) => typeof value === 'object' && value !== null,
  parse: (text) => text,
};

/** True, false, or options of their own. */
export const flagOrObject: ValueKind = {
  expected: 'true, false or an object',
  accepts: (value) => flag.accepts(value) || plainObject.accepts(value),
  parse: (text) => text,
};

/** Everything that is wrong with options of which each has its kind. */
export function problemsOfOptions(
  given: object,
  kinds: Readonly<Record<string, ValueKind>>,
): string[] {
  return [
    ...problemsOfNames(given, Object.keys(kinds)),
    ...problemsOfValues(given, kinds),
  ];
}

/** Names that options do not have. `among` are those that they may have. */
export function problemsOfNames(
  given: object,
  among: readonly string[],
): string[] {
  return Object.keys(given)
    .filter((name) => !among.includes(name))
    .map((name) => `there is no option ${name}${didYouMean(name, among)}`);
}

function didYouMean(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Values of options that make no sense; what is undefined is not given. */
export function problemsOfValues(
  given: object,
  kinds: Readonly<Record<string, ValueKind>>,
): string[] {
  return Object.entries(kinds).flatMap(([name, { accepts, expected }]) => {
    const value: unknown = given[name as keyof typeof given];
    return value === undefined || accepts(value)
      ? []
      : [`${name} is ${textOf(value)}; expected ${expected}`];
  });
}

/** A value as messages name it, whatever it is. */
export function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

function numberKind(
  expected: string,
  isInRange: (value: number) => boolean,
): ValueKind {
  return {
    expected,
    accepts: (value) =>
      typeof value === 'number' && !Number.isNaN(value) && isInRange(value),
    parse: Number,
  };
}
