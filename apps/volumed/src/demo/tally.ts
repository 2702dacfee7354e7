import type { Outcome } from './volume-client.js';

/** What became of many requests. */
export class Tally {
  requests = 0;
  readonly failures: string[] = [];
  /** Requests that were redirected, or told to try again, at least once. */
  redirected = 0;
  retried = 0;
  /** Requests whose connection broke, and that were sent again. */
  broken = 0;
  private readonly times: number[] = [];

  /** One that was answered as it should be. */
  succeeded(
    milliseconds: number,
    { redirects, retries, broken }: Omit<Outcome, 'status' | 'body'>,
  ): void {
    this.requests++;
    this.times.push(milliseconds);
    if (redirects > 0) this.redirected++;
    if (retries > 0) this.retried++;
    if (broken > 0) this.broken++;
  }

  failed(why: string): void {
    this.requests++;
    this.failures.push(why);
  }

  /** The time that this share of the answered requests did not exceed. */
  quantile(share: number): number {
    return quantile(this.times, share);
  }

  static sum(tallies: readonly Tally[]): Tally {
    const sum = new Tally();
    for (const tally of tallies) {
      sum.requests += tally.requests;
      sum.redirected += tally.redirected;
      sum.retried += tally.retried;
      sum.broken += tally.broken;
      sum.failures.push(...tally.failures);
      for (const time of tally.times) sum.times.push(time);
    }
    return sum;
  }
}

/** The value that this share of the numbers does not exceed; NaN of none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? sorted[0] ?? NaN;
}
