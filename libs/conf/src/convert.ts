/** A value of the wanted kind, or why the text is none. */
export type Converted<T> =
  { readonly value: T } | { readonly expected: string };

/** The bounds that a number must keep, both included. */
export interface NumberBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const DURATION_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

const MILLISECONDS: Readonly<Record<string, readonly [number, number]>> = {
  ns: [1, 1e6],
  us: [1, 1e3],
  µs: [1, 1e3],
  μs: [1, 1e3],
  ms: [1, 1],
  s: [1e3, 1],
  m: [6e4, 1],
  h: [36e5, 1],
};

/** The longest duration that Go can hold, in milliseconds. */
const LONGEST = 9_223_372_036_854;

/** true, yes, on; false, no, off; in upper or lower case. */
export function convertBoolean(text: string): Converted<boolean> {
  const lower = text.toLowerCase();
  if (['true', 'yes', 'on'].includes(lower)) return { value: true };
  if (['false', 'no', 'off'].includes(lower)) return { value: false };
  return { expected: 'true, yes, on, false, no or off' };
}

/** A whole number in decimal digits. */
export function convertInteger(
  text: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: NumberBounds,
): Converted<number> {
  const value = INTEGER.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) && value >= min && value <= max
    ? { value: value + 0 }
    : { expected: `a whole number in decimal digits${between(min, max)}` };
}

/** A number in decimal digits, with a fraction and an exponent or without. */
export function convertNumber(
  text: string,
  { min = -Number.MAX_VALUE, max = Number.MAX_VALUE }: NumberBounds,
): Converted<number> {
  const value = NUMBER.test(text) ? Number(text) : NaN;
  return value >= min && value <= max
    ? { value }
    : { expected: `a number such as 12, 0.5 or 1e3${between(min, max)}` };
}

/** A duration as Go writes it, in milliseconds. */
export function convertDuration(
  text: string,
  { min = 0, max = LONGEST }: NumberBounds,
): Converted<number> {
  const value = readDuration(text);
  return value !== undefined && value >= min && value <= max
    ? { value }
    : {
        expected: `a duration with units, such as 10s, 1h2m3.5s, 10ms or 5us${between(min, max, ' ms')}`,
      };
}

/** A UUID; returned in lower case. */
export function convertUuid(text: string): Converted<string> {
  const value = text.toLowerCase();
  return UUID.test(value)
    ? { value }
    : { expected: 'a UUID such as 30ae4a7e-b28b-4fcf-b8c4-b65dbe25b5e7' };
}

function readDuration(text: string): number | undefined {
  const negative = text.startsWith('-');
  const digits = negative || text.startsWith('+') ? text.slice(1) : text;
  if (digits === '0') return 0;
  let sum = 0;
  DURATION_PART.lastIndex = 0;
  while (DURATION_PART.lastIndex < digits.length) {
    const [, amount, unit] = DURATION_PART.exec(digits) ?? [];
    if (amount === undefined || unit === undefined) return undefined;
    const [times, per] = MILLISECONDS[unit]!;
    sum += (Number(amount) * times) / per;
  }
  if (digits === '') return undefined;
  return negative ? -sum : sum;
}

function between(min: number, max: number, unit = ''): string {
  const low = Math.abs(min) < Number.MAX_SAFE_INTEGER;
  const high = Math.abs(max) < Number.MAX_SAFE_INTEGER && max !== LONGEST;
  if (low && high) return ` from ${min}${unit} to ${max}${unit}`;
  if (low) return `, at least ${min}${unit}`;
  return high ? `, at most ${max}${unit}` : '';
}
