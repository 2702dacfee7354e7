/** A median with the quartiles around it. */
export interface Summary {
  readonly median: number;
  /** The quartiles: half of all samples are between them. */
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** Summarises samples. @throws Error if there are none. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  if (sorted.length === 0) throw new Error('No samples to summarise');
  return {
    median: quantileOf(sorted, 0.5),
    low: quantileOf(sorted, 0.25),
    high: quantileOf(sorted, 0.75),
    samples: sorted.length,
  };
}

/** What so large a share of the samples, 0 to 1, does not exceed. */
export function quantile(samples: readonly number[], share: number): number {
  return quantileOf(
    samples.toSorted((a, b) => a - b),
    share,
  );
}

function quantileOf(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (above - below) * (at - Math.floor(at));
}
