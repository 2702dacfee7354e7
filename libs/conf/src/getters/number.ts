import type { Converted } from './converted.js';

/** Bounds of a number, both included. */
export interface NumberBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Bounds of a bigint, both included. */
export interface BigIntBounds {
  readonly min?: bigint | undefined;
  readonly max?: bigint | undefined;
}

const integer = /^[+-]?\d+$/;
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const safe = Number.MAX_SAFE_INTEGER;
/** The largest number of 64 bits. */
const largest64 = 2n ** 64n - 1n;

/** A whole number in decimal digits, of 53 bits at most. */
export function convertInteger(
  text: string,
  { min = 0, max = safe }: NumberBounds,
): Converted<number> {
  const isWhole = integer.test(text);
  const value = isWhole ? Number(text) : NaN;
  const isSafe = Number.isSafeInteger(value);
  if (isSafe && value >= min && value <= max) return { value: value + 0 };
  const bounds =
    isWhole && !isSafe
      ? ` from ${Math.max(min, -safe)} to ${Math.min(max, safe)}`
      : between(min, max);
  return { expected: `a whole number in decimal digits${bounds}` };
}

/** A whole number in decimal digits, of any length. */
export function convertBigInt(
  text: string,
  { min = 0n, max = largest64 }: BigIntBounds,
): Converted<bigint> {
  const value = integer.test(text) ? bigIntOf(text, min, max) : undefined;
  return value !== undefined && value >= min && value <= max
    ? { value }
    : { expected: `a whole number in decimal digits from ${min} to ${max}` };
}

/** A number in decimal digits, with or without a fraction and an exponent. */
export function convertNumber(
  text: string,
  { min = -Number.MAX_VALUE, max = Number.MAX_VALUE }: NumberBounds,
): Converted<number> {
  const value = number.test(text) ? Number(text) : NaN;
  return value >= min && value <= max
    ? { value }
    : { expected: `a number such as 12, 0.5 or 1e3${between(min, max)}` };
}

/** Puts bounds into words, leaving out those that are no real ones. */
export function between(min: number, max: number, unit = ''): string {
  const hasMin = Math.abs(min) < safe;
  const hasMax = Math.abs(max) < safe;
  if (hasMin && hasMax) return ` from ${min}${unit} to ${max}${unit}`;
  if (hasMin) return `, at least ${min}${unit}`;
  return hasMax ? `, at most ${max}${unit}` : '';
}

/** Undefined for a number with more digits than both bounds: it may be endless. */
function bigIntOf(text: string, min: bigint, max: bigint): bigint | undefined {
  const digits = text.replace(/^([+-]?)0+(?=\d)/, '$1');
  const most = Math.max(String(min).length, String(max).length);
  return digits.length > most + 1 ? undefined : BigInt(digits);
}
