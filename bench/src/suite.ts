import type { Figure } from './figure.js';

/** How thoroughly to measure. */
export interface Effort {
  readonly rounds: number;
}

/** What the process of a suite answers. */
export type SuiteAnswer = { readonly figures: readonly Figure[] };

/**
 * The body of a suite's own process. It measures, and sends the figures to the
 * process that asked for them. Started by hand, it prints them.
 */
export async function runSuite(
  measure: (effort: Effort) => Promise<readonly Figure[]>,
): Promise<void> {
  const rounds = Number(process.argv[2] ?? 7);
  const figures = await measure({ rounds });
  if (process.send === undefined) {
    console.log(JSON.stringify(figures, undefined, 2));
  } else process.send({ figures } satisfies SuiteAnswer, () => process.exit());
}
