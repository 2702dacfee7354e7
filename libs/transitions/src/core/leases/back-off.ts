const first = 200;
const longest = 2_000;

/**
 * How long to wait after a failure: 200 ms, twice as long after each further
 * one, at most 2 s. Of that a random half is taken off, so that peers that
 * failed together do not come back together.
 */
export class BackOff {
  private failures = 0;

  constructor(private readonly random: () => number) {}

  /** One more failure. Returns how many milliseconds to wait. */
  next(): number {
    const whole = Math.min(first * 2 ** this.failures, longest);
    this.failures = Math.min(this.failures + 1, 10);
    return whole * (1 - this.random() / 2);
  }

  /** It went well. */
  reset(): void {
    this.failures = 0;
  }
}
