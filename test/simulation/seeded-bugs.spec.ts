import { expect, it } from 'vitest';
import { seededBugs, type SeededBug } from './seeded-bugs.js';
import { drawScenario, run } from './simulate.js';

const mostSeeds = 400;

/** The first failure, and with which seed. */
async function firstFailure({ bug, kinds }: SeededBug): Promise<string> {
  for (let seed = 1; seed <= mostSeeds; seed++) {
    const { failure } = await run(drawScenario(seed, kinds), bug);
    if (failure !== undefined) return failure;
  }
  return `none in ${mostSeeds} runs`;
}

it.each(Object.entries(seededBugs))(
  'the simulation catches that %s',
  async (_name, seeded) => {
    const law = (await firstFailure(seeded)).split(' ')[0];
    expect(seeded.laws).toContain(law);
  },
);
