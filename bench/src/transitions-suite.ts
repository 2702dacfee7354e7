import { makeTexts, referenceShape, type Texts } from './configuration.js';
import { ratioFigures, type RatioRow } from './figure.js';
import { measureInRounds, type Case } from './rounds.js';
import { runSuite } from './suite.js';
import { yardstickFor } from './yardstick.js';

/**
 * A suite of cases beside the yardstick. Few of them to a process: what others
 * keep on the heap, and the shapes that they call with, slow a case down.
 */
export function runBesideYardstick(
  makeCases: (texts: Texts) => readonly Case[] | Promise<readonly Case[]>,
  rows: readonly RatioRow[],
): Promise<void> {
  return runSuite(async ({ rounds }) => {
    const texts = makeTexts(referenceShape);
    const cases = [yardstickFor(texts.before), ...(await makeCases(texts))];
    return ratioFigures(await measureInRounds(cases, rounds), rows);
  });
}
