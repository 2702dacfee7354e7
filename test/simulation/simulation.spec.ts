import { describe, expect, it } from 'vitest';
import {
  describeFailure,
  drawCalmScenario,
  drawScenario,
  isWithoutLateWrites,
  run,
  shrink,
  type RunResult,
  type Scenario,
} from './simulate.js';

const seed = process.env['TRANSITIONS_SIM_SEED'];
const long = process.env['TRANSITIONS_TEST_LONG'] === '1';
const runs = Number(process.env['TRANSITIONS_RUNS'] ?? (long ? 10_000 : 200));

/** These, or the one that is asked for. */
function seeds(count: number): readonly number[] {
  return seed === undefined
    ? Array.from({ length: count }, (_none, index) => index + 1)
    : [Number(seed)];
}

/** @throws Error that says how it went wrong, with as few faults as possible */
async function runWell(scenario: Scenario): Promise<RunResult> {
  const result = await run(scenario);
  if (result.failure === undefined) return result;
  throw new Error(describeFailure(await shrink(result)));
}

describe('three peers with one lease store', () => {
  it(
    'never serve a volume twice, whatever stops, pauses or is cut off, and all is served in the end (F56, F57, F58, F62, F63, F64, F65, F67, F68, F69, F70, F72, F75, F77, F80, I32, I33, I34, I35, I36, I37, I38, I40)',
    async () => {
      let accepted = 0;
      for (const each of seeds(runs)) {
        const result = await runWell(drawScenario(each));
        accepted += result.accepted;
        if (!isWithoutLateWrites(result.scenario)) continue;
        if (result.refused >= 3) throw new Error(describeFailure(result));
      }
      expect(accepted).toBeGreaterThan(seeds(runs).length * 100);
    },
    long ? 3_000_000 : 120_000,
  );

  it(
    'serve all in the end though the changes that they ask for are compacted (F74, I38)',
    async () => {
      let refused = 0;
      const tried = seeds(Math.ceil(runs / 10));
      for (const each of tried) {
        const scenario = drawScenario(each, ['compactStore', 'crash', 'cut']);
        refused += (await runWell(scenario)).refusedToFollow;
      }
      const least = Math.floor(tried.length / 2);
      expect(refused).toBeGreaterThanOrEqual(least);
    },
    long ? 3_000_000 : 120_000,
  );

  it(
    'unserve nothing when faults are shorter than the margin (F66, I39)',
    async () => {
      for (const each of seeds(Math.ceil(runs / 5))) {
        const { losses } = await runWell(drawCalmScenario(each));
        expect(`seed ${each} loses ${losses}`).toBe(`seed ${each} loses 0`);
      }
    },
    long ? 3_000_000 : 120_000,
  );
});

describe('a run of the simulation', () => {
  it('is decided by its seed alone', async () => {
    const first = await run(drawScenario(1));
    expect((await run(drawScenario(1))).hash).toBe(first.hash);
    expect((await run(drawScenario(2))).hash).not.toBe(first.hash);
  });

  it('that fails is cut down to the faults that matter', async () => {
    const bugs = { releasesBeforeUnserve: true };
    const failing = await run(drawScenario(6), bugs);
    expect(failing.failure).toMatch(/^I36/);
    const shrunk = await shrink(failing, bugs);
    expect(shrunk.failure).toMatch(/^I36/);
    expect(shrunk.scenario.faults.length).toBeLessThan(3);
    expect(describeFailure(shrunk)).toContain(shrunk.lastLines.at(-1));
  });
});
