import { faults, type Fault } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { after, before, World, type WorldOptions } from './world.js';

const policies = ['rollback', 'isolate'] as const;

const paces: readonly (readonly [string, WorldOptions])[] = [
  ['sequential, synchronous', { pace: 'sync' }],
  ['sequential, asynchronous', { pace: 'timer' }],
  ['three at once', { pace: 'timer', concurrency: 3 }],
];

async function countSteps(
  options: WorldOptions,
  prepare: (world: World) => Promise<unknown>,
  run: (world: World) => Promise<TransitionReport>,
): Promise<number> {
  const world = new World(options);
  await prepare(world);
  const { calls } = world.faults;
  const report = await run(world);
  expect(report.outcome).toBe('applied');
  return world.faults.calls - calls;
}

const late = new Set<Fault>(['hang', 'lateOk', 'lateFail']);

/** Runs something once for each of its steps, with the fault at that step. */
async function sweep(
  options: WorldOptions,
  fault: Fault,
  prepare: (world: World) => Promise<unknown>,
  run: (world: World) => Promise<TransitionReport>,
  afterwards: (world: World, report: TransitionReport) => Promise<void>,
): Promise<void> {
  const steps = await countSteps(options, prepare, run);
  expect(steps).toBeGreaterThan(20);
  for (let k = 1; k <= steps; k++) {
    const world = new World(options);
    await prepare(world);
    world.faults.atCall(k, fault);
    try {
      const report = await run(world);
      world.faults.clear();
      await afterwards(world, report);
    } catch (cause) {
      throw new Error(`${fault} at step ${k} of ${steps}: ${String(cause)}`, {
        cause,
      });
    }
  }
}

describe.each(policies)('with %s', (onFailure) => {
  describe.each(paces)('%s', (_name, pace) => {
    const options = { ...pace, settings: { onFailure } };
    const boot = (world: World) => world.harness.up(before);
    const reload = (world: World) => world.harness.signaled(after);

    it.each(faults)(
      'F35 F36 F37 F38 F41 F42 I22 I23 I24 I25 I26 I28 a reload with a %s at every step keeps every invariant, and the next one mends what it left',
      async (fault) => {
        await sweep(options, fault, boot, reload, async (world, report) => {
          expect(report.errors.length).toBeGreaterThan(0);
          const [step] = [...report.steps].filter(
            ({ outcome }) => outcome !== 'done',
          );
          if (onFailure === 'rollback' && !late.has(fault)) {
            const kept = step?.callback === 'signaledFinish';
            const vetoed = step?.callback === 'validate';
            expect(report.outcome).toBe(
              kept ? 'degraded' : vetoed ? 'rejected' : 'rolledBack',
            );
          }
          // What is late settles by now; what hangs never does.
          await world.harness.checkAfter(300_000);
          const again = await world.harness.signaled(after);
          if (fault !== 'hang' || step?.callback === 'validate') {
            expect(['applied', 'unchanged']).toContain(again.outcome);
            expect(world.harness.snapshot().degraded).toBe(false);
          } else {
            expect(['rejected', 'degraded']).toContain(again.outcome);
            expect(world.harness.snapshot().degraded).toBe(true);
          }
          const down = await world.harness.down();
          if (fault !== 'hang' || step?.callback === 'validate') {
            expect(down.outcome).toBe('applied');
          } else expect(down.errors.length).toBeGreaterThan(0);
        });
      },
    );

    it.each(faults)(
      'F34 F36 I19 I22 I23 a boot with a %s at every step keeps every invariant',
      async (fault) => {
        await sweep(
          options,
          fault,
          () => Promise.resolve(),
          boot,
          async (world, report) => {
            expect(report.errors.length).toBeGreaterThan(0);
            await world.harness.checkAfter(300_000);
            if (world.harness.snapshot().lifecycle === 'up') {
              await world.harness.signaled(before);
            }
            const down = await world.harness.down();
            const { participants, unknown } = world.harness.snapshot();
            const left =
              unknown.length > 0 ||
              participants.some(({ up, groups }) => up || groups.length > 0);
            expect(down.outcome).toBe(left ? 'failed' : 'applied');
            expect(down.errors.length > 0).toBe(down.outcome === 'failed');
            if (fault === 'throw' || fault === 'reject')
              expect(left).toBe(false);
          },
        );
      },
    );

    it.each(faults)(
      'F36 F83 I19 a down with a %s at every step finishes, and tells what it could not do',
      async (fault) => {
        await sweep(
          options,
          fault,
          boot,
          (world) => world.harness.down(),
          async (world, report) => {
            expect(report.outcome).toBe('failed');
            expect(report.errors.length).toBeGreaterThan(0);
            expect(world.clock.now()).toBeLessThanOrEqual(26_000);
            const again = await world.harness.down();
            expect(again).toBe(report);
          },
        );
      },
    );
  });
});
