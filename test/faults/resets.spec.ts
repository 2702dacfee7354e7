import { confOf } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { World } from './world.js';

/** What a report calls for groups and volumes, as lines. */
function stepsOf({ steps }: TransitionReport): string[] {
  return [...steps].flatMap(({ participant, callback, target }) =>
    target === undefined ? [] : [`${participant}.${callback} ${target}`],
  );
}

it('a reset of a group tells also of the groups that its volumes come from, and leaves nothing behind that is not told (F98)', async () => {
  const { harness, faults } = new World({});
  await harness.up(confOf({ groups: { old: ['v'] } }));
  // The way back to the old group is barred while that is unknown.
  faults.at({ callback: 'volumeGroupDestroyed' }, 'hang', 1);
  const report = await harness.signaled(confOf({ groups: { new: ['v'] } }));
  expect(report.outcome).toBe('degraded');
  const reset = await harness.reset({ group: 'old' });
  expect(reset.outcome).toBe('applied');
  expect(stepsOf(reset).filter((line) => line.startsWith('cache'))).toEqual([
    'cache.volumeMoved v',
    'cache.serveVolume v',
    'cache.volumeGroupDestroyed new',
  ]);
  expect(
    harness.snapshot().participants.map(({ groups }) => [...groups]),
  ).toEqual([['old'], ['old'], ['old']]);
});

it.each(['a reset', 'a retry', 'a reload'])(
  'the group that a volume has left is gone for all after %s, also for whoever moved it before another failed (F98)',
  async (what) => {
    const { harness, faults } = new World({
      settings: {
        onFailure: 'isolate',
        retry: what === 'a retry' && {
          initial: 1_000,
          max: 5_000,
          reloads: false,
        },
      },
    });
    const moved = confOf({ groups: { new: ['v', 'w'] } });
    await harness.up(confOf({ groups: { old: ['v', 'w'] } }));
    // While that is unknown, the way back is barred.
    const step = { participant: 'cache', callback: 'volumeMoved' } as const;
    faults.at({ ...step, target: 'v' }, 'lateFail', 1, 60_001);
    expect((await harness.signaled(moved)).outcome).toBe('degraded');
    await harness.checkAfter(100_000);
    if (what === 'a reset') await harness.reset('v');
    if (what === 'a reload') await harness.signaled(moved);
    expect(
      harness.snapshot().participants.map(({ groups }) => [...groups]),
    ).toEqual([['new'], ['new'], ['new']]);
    expect(harness.snapshot()).toMatchObject({ degraded: false, failed: [] });
  },
);

it('a reset of a participant frees it, and changes no volume under those that serve it (F98)', async () => {
  const world = new World({
    settings: { onFailure: 'isolate' },
    withGate: true,
  });
  const { harness, faults, gate } = world;
  await harness.up(confOf({ groups: { g: ['v'], h: [] } }));
  faults.at({ participant: 'router', callback: 'volumeMoved' }, 'throw', 1);
  const moved = confOf({ groups: { g: [], h: ['v'] } });
  expect((await harness.signaled(moved)).outcome).toBe('partial');
  expect(gate?.isOpen('v')).toBe(true);
  faults.at({ participant: 'store', callback: 'signaledStart' }, 'hang', 1);
  expect((await harness.signaled(moved)).outcome).toBe('degraded');
  const reset = await harness.reset({ participant: 'store' });
  expect(stepsOf(reset)).toEqual([]);
  expect(harness.snapshot().unknown).toEqual([]);
  expect((await harness.signaled(moved)).outcome).toBe('applied');
  expect(gate?.isOpen('v')).toBe(true);
});
