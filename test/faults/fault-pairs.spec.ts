import { faults, type Fault } from '@nestjs-transitions/testing';
import { describe, expect, it } from 'vitest';
import { countSteps, faultAt } from './sweep.js';
import { after, before, World } from './world.js';

// All pairs are some 5,000 runs for each two kinds of fault. A long run tries
// every third first fault with every other second one, a short run far fewer.
const long = process.env['TRANSITIONS_TEST_LONG'] === '1';
const stride = long ? 3 : 17;
const secondStride = long ? 2 : 7;

const kinds: readonly Fault[] = faults.filter(
  (fault) => fault !== 'reject' && fault !== 'refuse',
);

/**
 * One fault in the reload, and one some calls later: mostly in its undoing.
 * Resolves to how often both came.
 */
async function pairs(
  onFailure: 'rollback' | 'isolate',
  first: Fault,
  second: Fault,
): Promise<number> {
  const reload = {
    options: { settings: { onFailure } },
    prepare: (world: World) => world.harness.up(before),
    run: (world: World) => world.harness.signaled(after),
  };
  const steps = await countSteps(reload);
  let both = 0;
  for (
    let step = 1 + (kinds.indexOf(second) % stride);
    step <= steps;
    step += stride
  ) {
    let distance = 1 + (step % secondStride);
    for (; distance <= 60; distance += secondStride) {
      const calls = await faultAt(step, {
        ...reload,
        fault: first,
        second: { distance, fault: second },
        afterwards: async (world, report) => {
          expect(report.outcome === 'applied').toBe(report.errors.length === 0);
          await world.harness.checkAfter(300_000);
          await endsWell(world);
        },
      });
      // The second fault had no call to come in, nor has a later one.
      if (calls < step + distance) break;
      both++;
    }
  }
  return both;
}

/** Nothing fails any more: two reloads mend everything, and Down leaves nothing. */
async function endsWell(world: World): Promise<void> {
  const { unknown } = world.harness.snapshot();
  const again = await world.harness.signaled(after);
  const last = await world.harness.down();
  if (unknown.length > 0) return;
  expect(['applied', 'unchanged']).toContain(again.outcome);
  expect(last.outcome).toBe('applied');
}

describe.each(['rollback', 'isolate'] as const)('with %s', (onFailure) => {
  const both = kinds.flatMap((first) =>
    kinds.map((second) => [first, second] as const),
  );

  it.each(both)(
    'F39 I22 I25 I28 a %s in a reload and a %s in its undoing keep every invariant',
    async (first, second) => {
      expect(await pairs(onFailure, first, second)).toBeGreaterThan(10);
    },
  );
});
