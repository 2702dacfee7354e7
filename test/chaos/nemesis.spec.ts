import { expect, it } from 'vitest';
import { Chance } from '../simulation/chance.js';
import { describeFault, drawFaults, faultKinds } from './nemesis.js';

const groups = { g1: ['v1'], g2: ['v2', 'v3'] };
const linesOf = (seed: number): readonly string[] =>
  drawFaults(new Chance(seed), groups).map(describeFault);

it('the faults of a round are decided by its seed, and come in the order of time', () => {
  expect(linesOf(1)).toEqual(linesOf(1));
  expect(linesOf(1)).not.toEqual(linesOf(2));
  for (let seed = 0; seed < 100; seed++) {
    const times = drawFaults(new Chance(seed), groups).map(({ at }) => at);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  }
});

it('every kind of fault comes in some rounds', () => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const faults = drawFaults(new Chance(seed), groups);
    for (const { kind } of faults) kinds.add(kind);
  }
  expect([...kinds].toSorted()).toEqual([...faultKinds].toSorted());
});
