import { comparing } from '../cases/comparing.js';
import { goingDown, goingUp, reloading } from '../cases/transitions.js';
import { makeTexts, referenceShape } from '../configuration.js';
import { ratioFigures, type Figure } from '../figure.js';
import { measureInRounds } from '../rounds.js';
import { runSuite, type Effort } from '../suite.js';
import { yardstick } from '../yardstick.js';

async function measureTransitions({ rounds }: Effort): Promise<Figure[]> {
  const texts = makeTexts(referenceShape);
  const cases = [
    { name: 'yardstick', run: () => yardstick(texts.before) },
    ...comparing(texts),
    ...goingUp(texts),
    goingDown(texts),
    ...(await reloading(texts)),
  ];
  return ratioFigures(await measureInRounds(cases, rounds), [
    ['compare', 'compare the same', 'topology, delta, plan: no changes', 0.08],
    ['compare.anew', 'compare, parsed anew', 'the same, all sections new'],
    ['up', 'up', 'up, 1.08 million callbacks', 0.15],
    ['up.async', 'up, async', 'up, async callbacks', 0.5],
    ['up.unguarded', 'up, async, unguarded', 'up, async, no reentrancy guard'],
    ['down', 'down', 'down', 0.15],
    ['reload', 'reload 3 %', 'reload, 3 % of the groups changed', 0.15],
    ['reload.unchanged', 'reload unchanged', 'reload, nothing changed'],
  ]);
}

await runSuite(measureTransitions);
