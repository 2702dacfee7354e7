import { faults } from '@nestjs-transitions/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Down,
  FaultAt,
  Reload,
  ReloadsAtOnce,
  Reset,
  Wait,
  type Model,
} from './commands.js';
import { confMapOf, someCluster, someEdits, type Cluster } from './history.js';
import { World, type WorldOptions } from './world.js';

const { env } = process;
const long = env['TRANSITIONS_TEST_LONG'] === '1';
const numRuns = Number(env['TRANSITIONS_RUNS'] ?? 0) || (long ? 20_000 : 400);

// The short run tries the same histories each time, so that it fails for what
// was changed; the long one searches. A failure prints a seed, a path and a
// replayPath; docs/reliability.md tells how to run it again with them.
const seed = Number(env['TRANSITIONS_SEED'] ?? (long ? Date.now() : 1));
const replay = {
  seed,
  ...(env['TRANSITIONS_PATH'] && { path: env['TRANSITIONS_PATH'] }),
};
const replayPath = env['TRANSITIONS_REPLAY_PATH'] ?? '';

const someWorld: fc.Arbitrary<WorldOptions> = fc.record({
  pace: fc.constantFrom('sync', 'promise', 'timer'),
  concurrency: fc.constantFrom(1, 1, 3),
  settings: fc.record({ onFailure: fc.constantFrom('rollback', 'isolate') }),
});

const reload = someEdits.map((edits) => new Reload(edits));
const atOnce = fc
  .array(someEdits, { minLength: 2, maxLength: 4 })
  .map((offers) => new ReloadsAtOnce(offers));
const down = fc
  .tuple(someEdits, fc.integer({ min: 1, max: 60 }))
  .map(([edits, inCall]) => new Down(edits, inCall));
const fault = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.constantFrom(...faults))
  .map(([k, kind]) => new FaultAt(k, kind));
const wait = fc
  .constantFrom(1_000, 40_000, 100_000)
  .map((milliseconds) => new Wait(milliseconds));
const reset = fc
  .constantFrom('v1', 'v2', 'v3', 'v4', 'v5', 'v6')
  .map((volume) => new Reset(volume));

async function begin(
  first: Cluster,
  options: WorldOptions,
): Promise<{ model: Model; real: World }> {
  const real = new World(options);
  await real.harness.up(confMapOf(first));
  return { model: { history: [first], inForce: first, over: false }, real };
}

/** However a history went: without faults, two reloads later all is well, and Down leaves nothing. */
async function endsWell(model: Model, world: World): Promise<boolean> {
  const { harness, faults: plan } = world;
  plan.clear();
  let well = true;
  if (!model.over) {
    await harness.checkAfter(200_000);
    const hung = harness.snapshot().unknown.length > 0;
    const reloaded = await harness.signaled(confMapOf(model.inForce));
    const last = await harness.down();
    const outcomes = `${reloaded.outcome} ${last.outcome}`;
    well = hung || /^(applied|unchanged) applied$/.test(outcomes);
  }
  harness.monitor.check();
  return well;
}

describe('random histories', () => {
  it('I9 I10 I15 I16 I17 I19 I21 I30 I31 F30 without faults, every history ends in what its last configuration says', async () => {
    await fc.assert(
      fc.asyncProperty(
        someCluster,
        someWorld,
        fc.commands([reload, atOnce, reset, down], { maxCommands: 10 }),
        async (first, options, commands) => {
          const setup = await begin(first, options);
          await fc.asyncModelRun(() => setup, commands);
          expect(await endsWell(setup.model, setup.real)).toBe(true);
        },
      ),
      { numRuns: Math.ceil(numRuns / 4), ...replay },
    );
  });

  it('I9 I14 I15 I17 I19 I22 I24 I25 I26 I28 I29 I30 I31 F39 F41 F42 with faults and late settlements, every history keeps every invariant and can be mended', async () => {
    await fc.assert(
      fc.asyncProperty(
        someCluster,
        someWorld,
        fc.commands([reload, fault, reload, fault, wait, atOnce, reset, down], {
          maxCommands: 14,
          ...(replayPath && { replayPath }),
        }),
        async (first, options, commands) => {
          const setup = await begin(first, options);
          await fc.asyncModelRun(() => setup, commands);
          expect(await endsWell(setup.model, setup.real)).toBe(true);
        },
      ),
      { numRuns, ...replay },
    );
  });
});
