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

/** Milliseconds between two looks at something. Infinity: never. */
export const interval = timeLimit;

/** A number of volumes. Infinity: any number. */
export const volumeCount = numberKind(
  'a number of volumes',
  (value) => value >= 0,
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

/** What is wrong with a value, as messages say it; none for one that is accepted. */
export function problemsOfValue(
  name: string,
  value: unknown,
  { accepts, expected }: ValueKind,
): string[] {
  return accepts(value)
    ? []
    : [`${name} is ${String(value)}; expected ${expected}`];
}

// NaN passes no comparison.
function numberKind(
  expected: string,
  isInRange: (value: number) => boolean,
): ValueKind {
  return {
    expected,
    accepts: (value) => typeof value === 'number' && isInRange(value),
    parse: Number,
  };
}
