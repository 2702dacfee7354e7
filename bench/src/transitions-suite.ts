import { makeTexts, referenceShape, type Texts } from './configuration.js';
import { ratioFigures, type RatioRow } from './figure.js';
import type { Case } from './rounds.js';
import { runSuite } from './suite.js';
import { measureBesideYardstick } from './yardstick/beside.js';

/**
 * A suite of cases beside the yardstick. Put only a few of them into a process:
 * what other cases keep on the heap, and the shapes of the objects that they
 * use, slow a case down.
 */
export function runBesideYardstick(
  makeCases: (texts: Texts) => readonly Case[] | Promise<readonly Case[]>,
  rows: readonly RatioRow[],
): Promise<void> {
  return runSuite(async ({ rounds }) => {
    const cases = await makeCases(makeTexts(referenceShape));
    return ratioFigures(await measureBesideYardstick(cases, rounds), rows);
  });
}
