import type { Fault } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { countSteps } from './sweep.js';
import { after, before, World, type WorldOptions } from './world.js';

const long = process.env['TRANSITIONS_TEST_LONG'] === '1';
const stride = long ? 1 : 4;

interface Preempted {
  readonly world: World;
  readonly transition: TransitionReport;
  readonly down: TransitionReport;
}

/** Runs a boot, or a reload after one, and asks for a Down inside its k-th call. */
async function downDuring(
  kind: 'up' | 'signaled',
  step: number,
  options: WorldOptions,
  fault?: Fault,
): Promise<Preempted> {
  const world = new World(options);
  const { harness, faults, clock } = world;
  if (kind === 'signaled') await harness.up(before);
  let down: Promise<TransitionReport> | undefined;
  faults.duringCall(step, () => {
    down = harness.coordinator.down('test');
  });
  if (fault !== undefined) faults.atCall(step, fault);
  const running = kind === 'up' ? harness.up(before) : harness.signaled(after);
  const transition = await running;
  return { world, transition, down: await clock.settle(down!) };
}

const kinds = [
  ['a boot', 'up', (world: World) => world.harness.up(before)],
  ['a reload', 'signaled', (world: World) => world.harness.signaled(after)],
] as const;

const paces = [
  ['sequential', { pace: 'timer' }],
  ['three at once', { pace: 'timer', concurrency: 3 }],
  ['isolated', { pace: 'timer', settings: { onFailure: 'isolate' } }],
] as const;

describe.each(kinds)('during %s', (_name, kind, run) => {
  const prepare = (world: World): Promise<unknown> =>
    kind === 'up' ? Promise.resolve() : world.harness.up(before);

  it.each(paces)(
    'F52 F84 I19 a Down at every step stops it there and takes down what is really up (%s)',
    async (_pace, options) => {
      const steps = await countSteps({ options, prepare, run });
      for (let step = 1; step <= steps; step += stride) {
        const { world, transition, down } = await downDuring(
          kind,
          step,
          options,
        );
        expect(transition.outcome).toBe('failed');
        expect(transition.errors.map(({ name }) => name)).toContain(
          'PreemptedByDownError',
        );
        expect(down.outcome).toBe('applied');
        expect(down.errors).toEqual([]);
        await world.harness.checkAfter(100_000);
        const { participants, lifecycle } = world.harness.snapshot();
        expect(lifecycle).toBe('down');
        expect(participants.flatMap(({ volumes }) => volumes)).toEqual([]);
      }
    },
  );

  it.each(['throw', 'lateOk', 'hang'] as const)(
    'F52 F41 I19 a Down at a step with a %s begins from what is known, in its time',
    async (fault) => {
      const options = { pace: 'timer' } as const;
      const steps = await countSteps({ options, prepare, run });
      for (let step = 1; step <= steps; step += stride) {
        const begun = await downDuring(kind, step, options, fault);
        const { world, transition, down } = begun;
        expect(transition.outcome).toBe('failed');
        await world.harness.checkAfter(100_000);
        const { participants, unknown } = world.harness.snapshot();
        const left = participants.some(
          ({ up, groups }) => up || groups.length > 0,
        );
        const clean = !left && unknown.length === 0;
        expect(['applied', clean ? 'applied' : 'failed', 'failed']).toContain(
          down.outcome,
        );
        expect(down.outcome === 'applied' && !clean).toBe(false);
        expect(down.errors.length > 0).toBe(down.outcome === 'failed');
        expect(down.durations.total).toBeLessThanOrEqual(25_000);
      }
    },
  );
});

describe('during a rollback', () => {
  it.each(['rollback', 'isolate'] as const)(
    'F52 F39 I19 a Down at every step stops it there and takes down what is really up (%s)',
    async (onFailure) => {
      const options = { pace: 'timer', settings: { onFailure } } as const;
      for (let first = 5; first <= 84; first += long ? 3 : 17) {
        for (let later = 1; later <= 40; later += long ? 1 : 5) {
          const world = new World(options);
          const { harness, faults, clock } = world;
          await harness.up(before);
          let down: Promise<TransitionReport> | undefined;
          faults.atCall(first, 'throw');
          faults.duringCall(first + later, () => {
            down = harness.coordinator.down('test');
          });
          await harness.signaled(after);
          const report = await clock.settle(
            down ?? harness.coordinator.down('test'),
          );
          expect(report.outcome).toBe('applied');
          await harness.checkAfter(0);
        }
      }
    },
  );
});
