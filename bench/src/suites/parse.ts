import { parsing } from '../cases/parsing.js';
import { makeTexts, referenceShape } from '../configuration.js';
import { ratioFigures, type Figure } from '../figure.js';
import { runSuite, type Effort } from '../suite.js';
import { measureBesideYardstick } from '../yardstick/beside.js';

async function measureParsing({ rounds }: Effort): Promise<Figure[]> {
  const cases = parsing(makeTexts(referenceShape));
  const samples = await measureBesideYardstick(cases, rounds);
  return ratioFigures(samples, [
    ['yardstick', 'yardstick', 'the yardstick itself'],
    ['parse', 'parse', 'parse 24 MB', 0.5],
    ['parse.read', 'parse, read all', 'parse and read every value'],
  ]);
}

await runSuite(measureParsing);
