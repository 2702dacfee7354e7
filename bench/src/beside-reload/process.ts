// Measures one case beside the reload that it is compared with, in a process of
// its own, and prints a ComparedStays: `node --expose-gc process.js ID PACE VOLUMES ROUNDS`.
import { referenceShape } from '../configuration.js';
import { watch, type Stay } from '../event-loop.js';
import type { Pace } from '../participants.js';
import type { Comparison } from './comparison.js';
import { detours } from './detours.js';
import { failures } from './failures.js';

/** Sample n of each is from round n. */
export type ComparedStays = {
  readonly [Name in keyof Comparison]: readonly Stay[];
};

const warmUps = 1;

const [id, pace, volumes, rounds] = process.argv.slice(2);
const all = [...failures, ...detours];
const compared = all.find((each) => each.id === id)!;
const shape = { ...referenceShape, volumes: Number(volumes) };
const comparison = await compared.prepare(shape, pace as Pace);
const names = Object.keys(comparison) as (keyof Comparison)[];
const stays = Object.fromEntries(names.map((name) => [name, [] as Stay[]]));
for (let round = -warmUps; round < Number(rounds); round++) {
  for (const name of names) {
    const stay = await watch(comparison[name]!);
    if (round >= 0) stays[name]!.push(stay);
  }
  process.stderr.write('.');
}
process.stdout.write(JSON.stringify(stays));
