import type { Figure } from './figure.js';
import { formatFigure, type Results } from './results.js';

// Ratios differ a little between machines, and scatter on a busy one: a smaller
// change than this means nothing.
const tolerance = 1.3;
// They depend on the speed of the machine.
const timeUnits: ReadonlySet<Figure['unit']> = new Set(['ms', 'ns']);
// Smaller values are differences of two heaps that may as well be twice as
// large, or negative.
const negligible: Partial<Record<Figure['unit'], number>> = {
  Y: 0.01,
  B: 0.05,
  x: 0.1,
};

/**
 * What has become worse than in the baseline, as sentences; empty if nothing
 * has. Compares only figures that do not depend on the speed of the machine. A
 * figure is worse only if even its better quartile exceeds what is tolerated.
 */
export function compareToBaseline(now: Results, baseline: Results): string[] {
  const before = new Map(baseline.figures.map((each) => [each.id, each]));
  return now.figures.flatMap((figure) => {
    const reference = before.get(figure.id);
    if (reference === undefined || timeUnits.has(figure.unit)) return [];
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
