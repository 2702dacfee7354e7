import { expect, it } from 'vitest';
import { readChaosArguments } from './arguments.js';

it('a run lasts three minutes, with any seed, where nothing else is asked for', () => {
  const { minutes, only, seed } = readChaosArguments([])!;
  expect([minutes, only]).toEqual([3, undefined]);
  expect(Number.isInteger(seed)).toBe(true);
});

it('a round of a seed can be asked for', () => {
  const args = ['--seed', '7', '--round', '12', '--minutes', '0.5'];
  const read = readChaosArguments(args);
  expect(read).toEqual({ minutes: 0.5, seed: 7, only: 12 });
});

it('help is no run, and what is no argument is refused by name', () => {
  expect(readChaosArguments(['--help'])).toBeUndefined();
  expect(() => readChaosArguments(['--seed', 'x'])).toThrow(/--seed.*'x'/);
  expect(() => readChaosArguments(['--sed', '7'])).toThrow(/--sed/);
});
