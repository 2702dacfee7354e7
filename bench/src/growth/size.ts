// Measures one size of configuration in a process of its own, and prints a
// SizeTimes: `node --expose-gc size.js VOLUMES ROUNDS`.
import { ConfMap } from 'nestjs-transitions';
import { goingDown, goingUp, reloading } from '../cases/transitions.js';
import { makeTexts, referenceShape, type Texts } from '../configuration.js';
import { measureInRounds, type Case } from '../rounds.js';
import { splitAndTrim } from '../yardstick/yardstick.js';

/** Milliseconds of each case at one size, and the most memory its process had. */
export interface SizeTimes {
  readonly volumes: number;
  readonly times: Readonly<Record<string, readonly number[]>>;
  readonly peakGiB: number;
}

const volumes = Number(process.argv[2]);
const rounds = Number(process.argv[3]);
const texts = makeTexts({ ...referenceShape, volumes });
const samples = await measureInRounds(await cases(texts), rounds, 1);
const answer: SizeTimes = {
  volumes,
  times: Object.fromEntries(samples),
  peakGiB: process.resourceUsage().maxRSS / 2 ** 20,
};
process.stdout.write(JSON.stringify(answer));

async function cases(both: Texts): Promise<Case[]> {
  const [reload] = await reloading(both);
  const [up] = goingUp(both);
  return [
    { name: 'yardstick', run: () => splitAndTrim(both.before) },
    { name: 'parse', run: () => ConfMap.parse(both.before) },
    up!,
    reload!,
    goingDown(both),
  ];
}
