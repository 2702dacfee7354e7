import { parseArgs } from 'node:util';

export const chaosUsage = `npm run test:chaos -- [options]

  --minutes N   for how long, at least one round; default 3
  --seed N      what decides the faults of all rounds; default: any
  --round N     only this round of the seed
  --help        this text
`;

export interface ChaosArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly only: number | undefined;
}

/**
 * Undefined where help is asked for.
 *
 * @throws TypeError for what is no such argument
 */
export function readChaosArguments(
  args: readonly string[],
): ChaosArguments | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
      round: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { minutes, seed, round } = values;
  return {
    minutes: numberOf('minutes', minutes, /^\d+(\.\d+)?$/),
    seed: numberOf('seed', seed, /^\d+$/),
    only: round === undefined ? undefined : numberOf('round', round, /^\d+$/),
  };
}

function numberOf(option: string, text: string, form: RegExp): number {
  if (form.test(text)) return Number(text);
  throw new TypeError(`--${option}: expected a number, got '${text}'`);
}
