import type { RetrySettings } from '../transition/settings.js';

/**
 * How long to wait before an attempt, in milliseconds: `initial` before the first,
 * twice as long before each further one, but not longer than `max`; of that between
 * the half and all, so that many peers that fail together do not try together.
 * `random` is from 0 to below 1.
 */
export function delayBefore(
  attempt: number,
  { initial, max }: Pick<RetrySettings, 'initial' | 'max'>,
  random: number,
): number {
  const longest = Math.min(max, initial * 2 ** (attempt - 1));
  return longest * (0.5 + random / 2);
}
