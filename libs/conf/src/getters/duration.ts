import type { Converted } from './converted.js';
import { between, type NumberBounds } from './number.js';

const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** How a unit becomes milliseconds: times the first, divided by the second. */
const milliseconds: Readonly<Record<string, readonly [number, number]>> = {
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
const longest = 9_223_372_036_854;

/** A duration as Go writes it, in milliseconds. */
export function convertDuration(
  text: string,
  { min = 0, max = longest }: NumberBounds,
): Converted<number> {
  const value = parseDuration(text);
  if (value !== undefined && value >= min && value <= max) return { value };
  const bounds = between(min, max === longest ? Infinity : max, ' ms');
  return {
    expected: `a duration with units, such as 10s, 1h2m3.5s, 10ms or 5us${bounds}`,
  };
}

/**
 * A duration as Go writes it, such as `1h2m3.5s` or `10ms`, in milliseconds;
 * undefined where it is none. For whoever reads values without a ConfMap.
 */
export function parseDuration(text: string): number | undefined {
  const isNegative = text.startsWith('-');
  const digits = isNegative || text.startsWith('+') ? text.slice(1) : text;
  if (digits === '0') return 0;
  let sum = 0;
  part.lastIndex = 0;
  while (part.lastIndex < digits.length) {
    const [, amount, unit] = part.exec(digits) ?? [];
    if (amount === undefined || unit === undefined) return undefined;
    const [times, per] = milliseconds[unit]!;
    sum += (Number(amount) * times) / per;
  }
  if (digits === '') return undefined;
  return isNegative ? -sum : sum;
}
