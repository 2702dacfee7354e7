import { summarize, type Summary } from './statistics.js';
import type { Samples } from './rounds.js';

/** An upper or lower limit for a figure. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** One line of the results. */
export interface Figure extends Summary {
  /** Stays the same from one version of the project to the next. */
  readonly id: string;
  readonly title: string;
  /**
   * `Y` is the yardstick, measured in the same rounds; `x` is a plain ratio.
   */
  readonly unit: 'Y' | 'x' | 'ms' | 'ns' | 'B' | 'GiB' | 'modules';
  /** The median by the clock, if the figure is a ratio of times. */
  readonly milliseconds?: number;
  readonly target?: Target;
}

/** A figure from samples that are in its unit already. */
export function figureOf(
  head: Pick<Figure, 'id' | 'title' | 'unit' | 'target'>,
  samples: readonly number[],
): Figure {
  return { ...head, ...summarize(samples) };
}

/** A figure of times in milliseconds, and the limit for its median. */
export function timeFigure(
  id: string,
  title: string,
  samples: readonly number[],
  atMost?: number,
): Figure {
  return figureOf({ id, title, unit: 'ms', ...targetOf(atMost) }, samples);
}

/** The target of a figure that may have an upper limit. */
export function targetOf(atMost: number | undefined): Pick<Figure, 'target'> {
  return atMost === undefined ? {} : { target: { atMost } };
}

/**
 * An id, the name of a case, a title, and how many yardsticks the case may
 * take.
 */
export type RatioRow = readonly [
  id: string,
  name: string,
  title: string,
  atMost?: number,
];

/** The times of cases as multiples of the yardstick of the same round. */
export function ratioFigures(
  samples: Samples,
  rows: readonly RatioRow[],
): Figure[] {
  const yardsticks = samples.get('yardstick')!;
  return rows.map(([id, name, title, atMost]) => {
    const times = samples.get(name)!;
    const ratios = times.map((time, round) => time / yardsticks[round]!);
    return {
      ...figureOf({ id, title, unit: 'Y', ...targetOf(atMost) }, ratios),
      milliseconds: summarize(times).median,
    };
  });
}

/** Whether a figure meets its target; undefined if it has none. */
export function holds({ target, median }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target
    ? median <= target.atMost
    : median >= target.atLeast;
}
