/** A value of the wanted kind, or what was expected instead of the text. */
export type Converted<T> =
  { readonly value: T } | { readonly expected: string };

/** Bounds of a number, both included. */
export interface NumberBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const integer = /^[+-]?\d+$/;
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

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
  const value = integer.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) && value >= min && value <= max
    ? { value: value + 0 }
    : { expected: `a whole number in decimal digits${between(min, max)}` };
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

/** A UUID, which is returned in lower case. */
export function convertUuid(text: string): Converted<string> {
  const value = text.toLowerCase();
  return uuid.test(value)
    ? { value }
    : { expected: 'a UUID such as 30ae4a7e-b28b-4fcf-b8c4-b65dbe25b5e7' };
}

/** Puts bounds into words, leaving out those that are no real ones. */
export function between(min: number, max: number, unit = ''): string {
  const hasMin = Math.abs(min) < Number.MAX_SAFE_INTEGER;
  const hasMax = Math.abs(max) < Number.MAX_SAFE_INTEGER;
  if (hasMin && hasMax) return ` from ${min}${unit} to ${max}${unit}`;
  if (hasMin) return `, at least ${min}${unit}`;
  return hasMax ? `, at most ${max}${unit}` : '';
}
