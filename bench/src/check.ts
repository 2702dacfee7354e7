import type { Figure } from './figure.js';
import { formatFigure, type Results } from './results.js';

// Ratios of one machine are not quite those of another, and a busy one
// scatters them: less than this is no news.
const tolerance = 1.3;
// Less than that may as well be twice that, or less than nothing, where it is a
// difference of two heaps. Of a reload, so little is no more than a look at the clock.
const negligible: Partial<Record<Figure['unit'], number>> = {
  Y: 0.01,
  B: 0.05,
  x: 0.1,
};

/**
 * What became worse than in the baseline, as sentences; none where all is well.
 * Only figures that do not depend on the speed of the machine are compared, and
 * only where even the better quartile is worse than what is tolerated.
 */
export function compareToBaseline(now: Results, baseline: Results): string[] {
  const before = new Map(baseline.figures.map((each) => [each.id, each]));
  return now.figures.flatMap((figure) => {
    const reference = before.get(figure.id);
    if (reference === undefined || figure.unit === 'ms') return [];
    if (!isWorse(figure, reference)) return [];
    return [
      `${figure.title} (${figure.id}): ${formatFigure(figure.median, figure.unit)}, in the baseline ${formatFigure(reference.median, reference.unit)}`,
    ];
  });
}

function isWorse(figure: Figure, reference: Figure): boolean {
  const moreIsBetter = figure.target && 'atLeast' in figure.target;
  if (figure.median < (negligible[figure.unit] ?? 0)) return false;
  return moreIsBetter
    ? figure.high < reference.low / tolerance
    : figure.low > reference.high * tolerance;
}
