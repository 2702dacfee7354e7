import { faults as allFaults, type Fault } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { sweep } from './sweep.js';
import { after, before, World, type WorldOptions } from './world.js';

// Every step in every way takes a minute. A short run tries every third step in
// the first way, and every seventh one in the others; each fault begins at
// another step, so that all of them together try every step, or almost.
const long = process.env['TRANSITIONS_TEST_LONG'] === '1';

// One that refuses is one that throws, but for what is set aside then.
const faults: readonly Fault[] = allFaults.filter(
  (fault) => fault !== 'refuse',
);

const paces: readonly (readonly [string, WorldOptions, number])[] = [
  ['sequential, synchronous', { pace: 'sync' }, long ? 1 : 3],
  ['sequential, asynchronous', { pace: 'timer' }, long ? 1 : 7],
  ['three at once', { pace: 'timer', concurrency: 3 }, long ? 1 : 7],
];

const boot = (world: World) => world.harness.up(before);
const reload = (world: World) => world.harness.signaled(after);
const down = (world: World) => world.harness.down();

/** The first step to try with a fault. */
function firstOf(fault: Fault, stride: number): number {
  return 1 + (faults.indexOf(fault) % stride);
}

/** The outcomes that a rollback of a fault that is over at once may have. */
function outcomesAfter(report: TransitionReport, fault: Fault): string[] {
  if (fault !== 'throw' && fault !== 'reject') {
    return ['rejected', 'degraded', 'rolledBack'];
  }
  const failed = [...report.steps].find(({ outcome }) => outcome !== 'done');
  if (failed?.callback === 'validate') return ['rejected'];
  if (failed?.callback === 'signaledFinish') return ['degraded'];
  return ['rolledBack'];
}

function somethingIsLeft(world: World): boolean {
  const { unknown, participants } = world.harness.snapshot();
  const held = participants.some(({ up, groups }) => up || groups.length > 0);
  return held || unknown.length > 0;
}

/** Whether a call has begun that will never settle, and may have changed something. */
function hangs(report: TransitionReport, fault: Fault): boolean {
  return (
    fault === 'hang' &&
    [...report.steps].some(
      ({ callback, outcome }) =>
        outcome === 'unknown' && callback !== 'validate',
    )
  );
}

describe.each(['rollback', 'isolate'] as const)('with %s', (onFailure) => {
  describe.each(paces)('%s', (_name, pace, stride) => {
    const options = { ...pace, settings: { onFailure } };

    it.each(faults)(
      'F35 F36 F37 F38 F41 F42 F43 I12 I13 I14 I15 I17 I18 I22 I23 I24 I25 I26 I28 I29 a reload with a %s at every step keeps every invariant, and the next one mends what it left',
      async (fault) => {
        const runs = await sweep({
          options,
          fault,
          from: firstOf(fault, stride),
          stride,
          prepare: boot,
          run: reload,
          afterwards: async (world, report) => {
            expect(report.outcome === 'applied').toBe(
              report.errors.length === 0,
            );
            const expected =
              onFailure === 'rollback'
                ? outcomesAfter(report, fault)
                : [report.outcome];
            expect(expected).toContain(report.outcome);
            // What is late settles by now; what hangs never does.
            await world.harness.checkAfter(300_000);
            const stuck = hangs(report, fault);
            const again = await reload(world);
            expect(
              stuck ? ['rejected', 'degraded'] : ['applied', 'unchanged'],
            ).toContain(again.outcome);
            expect(world.harness.snapshot().degraded).toBe(stuck);
            const last = await down(world);
            expect(last.outcome).toBe(stuck ? 'failed' : 'applied');
            expect(last.errors.length > 0).toBe(stuck);
          },
        });
        expect(runs).toBeGreaterThan(10);
      },
    );

    it.each(faults)(
      'F34 I19 I22 I23 a boot with a %s at every step keeps every invariant, and Down takes the rest',
      async (fault) => {
        const runs = await sweep({
          options,
          fault,
          from: firstOf(fault, stride),
          stride,
          run: boot,
          afterwards: async (world, report) => {
            expect(report.errors.length).toBeGreaterThan(0);
            await world.harness.checkAfter(300_000);
            const last = await down(world);
            const left = somethingIsLeft(world);
            expect(last.outcome).toBe(left ? 'failed' : 'applied');
            expect(last.errors.length > 0).toBe(left);
            expect(left && (fault === 'throw' || fault === 'reject')).toBe(
              false,
            );
          },
        });
        expect(runs).toBeGreaterThan(10);
      },
    );

    it.each(faults)(
      'F36 F83 I19 a down with a %s at every step finishes in time, and tells what it could not do',
      async (fault) => {
        const runs = await sweep({
          options,
          fault,
          from: firstOf(fault, stride),
          stride,
          prepare: boot,
          run: down,
          afterwards: async (world, report) => {
            expect(report.outcome).toBe('failed');
            expect(report.errors.length).toBeGreaterThan(0);
            expect(report.durations.total).toBeLessThanOrEqual(25_000);
            expect(await down(world)).toBe(report);
          },
        });
        expect(runs).toBeGreaterThan(10);
      },
    );
  });
});
