// Measures one case at one size of configuration in a process of its own, and
// prints a SizeTimes: `node --expose-gc size.js CASE VOLUMES ROUNDS`.
import { ConfMap } from 'nestjs-transitions';
import { goingDown, goingUp, reloading } from '../cases/transitions.js';
import { makeTexts, referenceShape, type Texts } from '../configuration.js';
import { measureInRounds, type Case } from '../rounds.js';
import { splitAndTrim } from '../yardstick/yardstick.js';

/**
 * The milliseconds of a case at one size, and the most memory that its process
 * used.
 */
export interface SizeTimes {
  readonly times: readonly number[];
  readonly peakGiB: number;
}

/** The cases that are measured at each size. */
export type CaseName = 'yardstick' | 'parse' | 'up' | 'reload 3 %' | 'down';

const [name, volumes, rounds] = process.argv.slice(2);
const texts = makeTexts({ ...referenceShape, volumes: Number(volumes) });
const each = await caseOf(name as CaseName, texts);
const samples = await measureInRounds([each], Number(rounds), 1);
const answer: SizeTimes = {
  times: samples.get(each.name)!,
  peakGiB: process.resourceUsage().maxRSS / 2 ** 20,
};
process.stdout.write(JSON.stringify(answer));

async function caseOf(wanted: CaseName, both: Texts): Promise<Case> {
  switch (wanted) {
    case 'yardstick':
      return { name: wanted, run: () => splitAndTrim(both.before) };
    case 'parse':
      return { name: wanted, run: () => ConfMap.parse(both.before) };
    case 'up':
      return goingUp(both)[0]!;
    case 'reload 3 %':
      return (await reloading(both))[0]!;
    case 'down':
      return goingDown(both);
  }
}
