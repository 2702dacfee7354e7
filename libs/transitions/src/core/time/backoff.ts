/** How long to wait between attempts, in milliseconds. */
export interface BackoffLimits {
  /** Before the first attempt after a failure. */
  readonly initial: number;
  /** Before no attempt longer than this. */
  readonly max: number;
}

/**
 * How long to wait before an attempt, in milliseconds: `initial` before the first,
 * twice as long before each further one, but not longer than `max`; of that between
 * the half and all, so that many peers that fail together do not try together.
 * `random` is from 0 to below 1.
 */
export function delayBefore(
  attempt: number,
  { initial, max }: BackoffLimits,
  random: number,
): number {
  const longest = Math.min(max, initial * 2 ** (attempt - 1));
  return longest * (0.5 + random / 2);
}

/** How long to wait after each of several failures in a row, as {@link delayBefore} says. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly limits: BackoffLimits,
    private readonly random: () => number,
  ) {}

  /** One more failure. Returns how many milliseconds to wait. */
  next(): number {
    this.failures++;
    return delayBefore(this.failures, this.limits, this.random());
  }

  /** It went well. */
  reset(): void {
    this.failures = 0;
  }
}
