import {
  confOf,
  recorder,
  TransitionsHarness,
} from '@nestjs-transitions/testing';
import type {
  TransitionCallbacks,
  TransitionSettings,
} from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { World } from './world.js';

const one = confOf({ groups: { g: ['v', 'w'] } });
const two = confOf({ groups: { g: ['w'] } });
const no = (): never => {
  throw new Error('no');
};
const failingFor = (name: string) => (_confMap: unknown, volume: string) =>
  volume === name ? no() : undefined;

/** Participants in ascending order, each with just the callbacks that are given. */
function harnessOf(
  participants: Readonly<Record<string, TransitionCallbacks>>,
  settings: Partial<TransitionSettings> = {},
): TransitionsHarness {
  return new TransitionsHarness({
    settings,
    participants: Object.entries(participants).map(([name, callbacks]) => ({
      name,
      callbacks,
    })),
  });
}

/** What a participant is said to serve. */
function served(harness: TransitionsHarness, name: string): readonly string[] {
  const { participants } = harness.snapshot();
  return participants.find((each) => each.name === name)!.served;
}

it('a volume that is kept after all is not served twice at one that only serves and unserves (F94)', async () => {
  const record = recorder();
  const serving = { serveVolume: () => {}, unserveVolume: () => {} };
  const { serveVolume, unserveVolume } = record.participant('files', serving);
  const harness = harnessOf(
    {
      store: { volumeToBeUnserved: failingFor('v'), unserveVolume: () => {} },
      files: { serveVolume, unserveVolume },
    },
    { onFailure: 'isolate' },
  );
  await harness.up(one);
  record.take();
  const report = await harness.signaled(two);
  expect(report.outcome).toBe('degraded');
  expect(record.take()).toEqual([]);
  expect(served(harness, 'files').toSorted()).toEqual(['v', 'w']);
});

it('what failed in unserveVolume is served still, also where there is no volumeDestroyed that could fail (F94)', async () => {
  const harness = harnessOf({
    files: { serveVolume: () => {}, unserveVolume: failingFor('v') },
    router: {},
  });
  await harness.up(one);
  const down = await harness.down();
  expect(down.outcome).toBe('failed');
  expect(served(harness, 'files')).toEqual(['v']);
  expect(served(harness, 'router')).toEqual([]);
});

it('a late signaledStart owes nothing to one that has no signaledFinish, which is told of the next reload as ever (F94, F95)', async () => {
  const { harness, faults } = new World({
    lacking: [[], ['signaledFinish'], []],
  });
  await harness.up(one);
  faults.at({ participant: 'cache', callback: 'signaledStart' }, 'lateOk', 1);
  expect((await harness.signaled(one)).outcome).toBe('degraded');
  await harness.checkAfter(100_000);
  expect(harness.snapshot().degraded).toBe(false);
  const again = await harness.signaled(one);
  expect(
    [...again.steps].flatMap(({ callback, participant }) =>
      callback === 'signaledStart' ? [participant] : [],
    ),
  ).toEqual(['router', 'cache', 'store']);
});

// A late callback is taken over for its participant alone. Whoever lacks it, and
// would have followed in the transition, follows in the next one only.
it.fails(
  'whoever lacks a callback follows when it settles late as well, and what is whole is ready then (F94)',
  async () => {
    const { harness, faults } = new World({
      settings: { onFailure: 'isolate' },
      lacking: [[], ['serveVolume'], ['serveVolume']],
    });
    await harness.up(two);
    faults.at({ callback: 'serveVolume', target: 'v' }, 'lateOk', 1);
    expect((await harness.signaled(one)).outcome).toBe('degraded');
    await harness.checkAfter(100_000);
    expect(harness.snapshot()).toMatchObject({ unknown: [], failed: [] });
    expect(harness.coordinator.isHealthy).toBe(true);
  },
);
