import { VirtualClock } from '@nestjs-transitions/testing';
import * as fc from 'fast-check';
import { callbackNames } from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { after, before, participants, World } from './world.js';

const numRuns = process.env['TRANSITIONS_TEST_LONG'] === '1' ? 20_000 : 100;
const lateAfter = 90_000;

/** Does something in the turn in which the last late callback settles, before anything is made of that. */
function inTheTurn(clock: VirtualClock, action: () => void): void {
  const startTimer = clock.startTimer.bind(clock);
  let cancel = (): void => {};
  clock.startTimer = (callback, milliseconds) => {
    const cancelTimer = startTimer(callback, milliseconds);
    if (milliseconds === lateAfter) {
      cancel();
      cancel = startTimer(action, milliseconds);
    }
    return cancelTimer;
  };
}

const request = (confMap: typeof before) => ({
  load: () => confMap,
  reason: 'test',
});

/** What may be asked for. */
const asking = {
  reload: ({ harness }: World) => reload(harness, after),
  'reload back': ({ harness }: World) => reload(harness, before),
  'dry run': ({ harness }: World) => harness.coordinator.dryRun(request(after)),
  'reset of a volume': ({ harness }: World, volume: string) =>
    harness.coordinator.reset(volume),
  'reset of a participant': ({ harness }: World, _: string, name: string) =>
    harness.coordinator.reset({ participant: name }),
  fail: ({ harness }: World, volume: string) =>
    // Nobody may serve it.
    harness.coordinator.fail(volume, new Error('broken')).catch(() => {}),
  down: ({ harness }: World) => harness.coordinator.down('test'),
};

async function reload(
  { coordinator, monitor }: World['harness'],
  confMap: typeof before,
): Promise<void> {
  monitor.answered({}, await coordinator.signaled(request(confMap)));
}

const call = fc.integer({ min: 1, max: 60 });
const scene = fc.record({
  late: fc.array(call, { minLength: 1, maxLength: 2 }),
  fault: fc.constantFrom('lateOk', 'lateFail'),
  onFailure: fc.constantFrom('rollback', 'isolate'),
  pace: fc.constantFrom('sync', 'promise', 'timer'),
  concurrency: fc.constantFrom(1, 4),
  lacking: fc.tuple(
    ...participants.map(() =>
      fc.subarray([...callbackNames], { maxLength: 6 }),
    ),
  ),
  what: fc.constantFrom(...(Object.keys(asking) as (keyof typeof asking)[])),
  volume: fc.constantFrom('kept', 'goneToB', 'fromB', 'between', 'created'),
  name: fc.constantFrom(...participants),
});

it('whatever is asked for in the turn in which callbacks settle late knows what they have done (F41)', async () => {
  const law = fc.asyncProperty(scene, async (drawn) => {
    const { pace, concurrency, lacking, onFailure } = drawn;
    const settings = { onFailure };
    const world = new World({ pace, concurrency, lacking, settings });
    const { harness, faults, clock } = world;
    await harness.up(before);
    let asked: Promise<unknown> | undefined;
    inTheTurn(clock, () => {
      asked = asking[drawn.what](world, drawn.volume, drawn.name);
    });
    for (const k of drawn.late) faults.atCall(k, drawn.fault, lateAfter);
    await harness.signaled(after);
    faults.clear();
    await harness.checkAfter(2 * lateAfter);
    await harness.settle(Promise.resolve(asked));
    if (drawn.what === 'down') return;
    await harness.signaled(after);
    expect(harness.snapshot()).toMatchObject({ degraded: false, unknown: [] });
    expect((await harness.down()).outcome).toBe('applied');
  });
  await fc.assert(law, { numRuns });
});
