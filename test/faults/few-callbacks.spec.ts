import {
  confOf,
  recorder,
  TransitionsHarness,
} from '@nestjs-transitions/testing';
import {
  callbackNames,
  type CallbackName,
  type ResetTarget,
  type TransitionCallbacks,
  type TransitionSettings,
} from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { World } from './world.js';

const one = confOf({ groups: { g: ['v', 'w'] } });
const two = confOf({ groups: { g: ['w'] } });
const withAnother = confOf({ groups: { g: ['w'], another: ['v'] } });
const idle = confOf({ groups: { g: { primary: '', volumes: ['v', 'w'] } } });
const withoutV = confOf({ groups: { g: { primary: '', volumes: ['w'] } } });
const noServing: readonly CallbackName[] = [
  'volumeToBeUnserved',
  'serveVolume',
  'unserveVolume',
];

/** Without them, nothing is to be called where a volume stays after all. */
const announcing: readonly CallbackName[] = [
  'volumeToBeUnserved',
  'volumeUnserveCancelled',
];

/** The callbacks for what is new that come after one of them. */
function callbacksAfter(callback: CallbackName): CallbackName[] {
  const giving = [
    'volumeGroupCreated',
    'volumeCreated',
    'serveVolume',
  ] as const;
  const place = giving.findIndex((each) => each === callback);
  return giving.slice(place + 1);
}

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

it.each<{ readonly late: CallbackName; readonly lacking: CallbackName[] }>([
  { late: 'serveVolume', lacking: ['serveVolume'] },
  { late: 'serveVolume', lacking: [...callbackNames] },
  { late: 'volumeCreated', lacking: ['volumeCreated', 'serveVolume'] },
  { late: 'volumeGroupCreated', lacking: [...callbackNames] },
])(
  'whoever lacks a callback follows when it settles late as well, and what is whole is ready then: $late (F94)',
  async ({ late, lacking }) => {
    const { harness, faults } = new World({
      settings: { onFailure: 'isolate' },
      // Nothing is left to call after it.
      lacking: [callbacksAfter(late), lacking, lacking],
    });
    await harness.up(two);
    faults.at({ callback: late }, 'lateOk', 1);
    const report = await harness.signaled(withAnother);
    expect(report.outcome).toBe('degraded');
    await harness.checkAfter(100_000);
    expect(harness.snapshot()).toMatchObject({ unknown: [], failed: [] });
    expect(harness.coordinator.isHealthy).toBe(true);
    expect(served(harness, 'router').toSorted()).toEqual(['v', 'w']);
    const again = await harness.signaled(withAnother);
    expect(again.outcome).toBe('unchanged');
  },
);

it('whoever lacks a callback waits for the next reload where another is still to be called (F94)', async () => {
  const { harness, faults } = new World({
    settings: { onFailure: 'isolate' },
    lacking: [[], [], ['serveVolume']],
  });
  await harness.up(two);
  faults.at({ callback: 'serveVolume', target: 'v' }, 'lateOk', 1);
  await harness.signaled(one);
  await harness.checkAfter(100_000);
  expect(served(harness, 'router')).toEqual(['w']);
  expect(harness.coordinator.isHealthy).toBe(false);
  expect((await harness.signaled(one)).outcome).toBe('applied');
  expect(served(harness, 'router').toSorted()).toEqual(['v', 'w']);
});

it('what settles late and has failed leaves whoever lacks the callback as it leaves the others (F94)', async () => {
  const { harness, faults } = new World({
    settings: { onFailure: 'isolate' },
    lacking: [[], [], ['volumeCreated', 'volumeDestroyed']],
  });
  await harness.up(idle);
  faults.at({ callback: 'volumeDestroyed' }, 'lateFail', 1);
  expect((await harness.signaled(withoutV)).outcome).toBe('degraded');
  await harness.signaled(idle);
  await harness.checkAfter(100_000);
  expect(harness.coordinator.isHealthy).toBe(true);
});

it('what only unserves, and could not, keeps a volume degraded that is set aside with its group (I22)', async () => {
  const { harness, faults } = new World({
    settings: { onFailure: 'isolate' },
    lacking: [callbackNames.filter((name) => name !== 'unserveVolume'), [], []],
  });
  await harness.up(confOf({ groups: { g: ['w'], h: ['v'] } }));
  faults.at({ participant: 'store', callback: 'unserveVolume' }, 'lateFail', 1);
  const moved = { groups: { g: ['v', 'w'], h: [] } };
  expect((await harness.signaled(confOf(moved))).outcome).toBe('degraded');
  faults.at(
    { participant: 'router', callback: 'volumeGroupChanged' },
    'throw',
    1,
  );
  const changed = confOf({
    groups: { g: { volumes: ['v', 'w'], options: { Cache: '1' } }, h: [] },
  });
  expect((await harness.signaled(changed)).outcome).toBe('degraded');
  await harness.checkAfter(200_000);
  expect(harness.snapshot()).toMatchObject({ degraded: true, unknown: [] });
  expect((await harness.signaled(changed)).outcome).toBe('applied');
});

it('what was served late after all is still to be announced to whoever lacks unserveVolume', async () => {
  const { harness, faults } = new World({
    lacking: [['unserveVolume'], [], []],
  });
  await harness.up(idle);
  faults.at({ participant: 'store', callback: 'serveVolume' }, 'lateOk', 1);
  expect((await harness.signaled(one)).outcome).toBe('degraded');
  await harness.checkAfter(200_000);
  expect(served(harness, 'store')).toEqual(['v']);
  expect(harness.snapshot().degraded).toBe(true);
  expect((await harness.signaled(idle)).outcome).toBe('applied');
  expect(served(harness, 'store')).toEqual([]);
});

it.each(['lateFail', 'throw'] as const)(
  'what none of those has let go of who could is served at whoever lacks the callback as well: %s (F94)',
  async (fault) => {
    const { harness, faults } = new World({
      settings: { onFailure: 'isolate' },
      lacking: [[...announcing, 'unserveVolume'], announcing, announcing],
    });
    await harness.up(one);
    faults.at({ callback: 'unserveVolume', target: 'v' }, fault, 1);
    await harness.signaled(withAnother);
    expect(served(harness, 'store').toSorted()).toEqual(['v', 'w']);
    await harness.signaled(one);
    await harness.checkAfter(100_000);
    expect(harness.coordinator.isHealthy).toBe(true);
    const called = harness.monitor.log.calls.filter(
      ({ participant, callback, target }) =>
        `${participant}.${callback}(${target})` === 'store.serveVolume(v)',
    );
    expect(called).toHaveLength(1);
  },
);

it('whoever lacks the callback lets go as soon as one of those has who could (F94)', async () => {
  const { harness, faults } = new World({
    settings: { onFailure: 'isolate' },
    lacking: [[], ['unserveVolume'], []],
  });
  await harness.up(one);
  faults.at({ participant: 'store', callback: 'unserveVolume' }, 'hang', 1);
  await harness.signaled(idle);
  expect(harness.snapshot().unknown).toHaveLength(1);
  expect(served(harness, 'cache')).toEqual([]);
});

it.each<readonly CallbackName[]>([[], ['signaledStart', 'signaledFinish']])(
  'whoever lacks the callback lets go of what the others have let go of before the run was halted, also if undoing fails (F94)',
  async (...has) => {
    const { harness, faults } = new World({
      lacking: [[], callbackNames.filter((name) => !has.includes(name)), []],
    });
    await harness.up(one);
    faults.at(
      { participant: 'store', callback: 'unserveVolume', target: 'v' },
      'throw',
      1,
    );
    faults.at(
      { participant: 'store', callback: 'serveVolume', target: 'w' },
      'throw',
      1,
    );
    expect((await harness.signaled(idle)).outcome).toBe('degraded');
    for (const name of ['store', 'cache', 'router']) {
      expect(served(harness, name)).toEqual(['v']);
    }
    expect((await harness.signaled(one)).outcome).toBe('applied');
    expect(served(harness, 'cache').toSorted()).toEqual(['v', 'w']);
  },
);

it('Down takes on from whoever lacks a callback what another could not let go of (F94)', async () => {
  const { harness, faults } = new World({
    lacking: [['unserveVolume'], ['unserveVolume'], []],
  });
  await harness.up(one);
  faults.at({ callback: 'unserveVolume', target: 'v' }, 'throw', 1);
  const { outcome, steps } = await harness.down();
  expect(outcome).toBe('failed');
  expect(
    [...steps].flatMap(({ participant, callback, target }) =>
      callback === 'volumeDestroyed' && target === 'v' ? [participant] : [],
    ),
  ).toEqual(['cache', 'store']);
});

it.each<ResetTarget>(['v', { group: 'g' }, { participant: 'cache' }])(
  'what is reset leaves whoever lacks the callback as it leaves the others: %j (F93, F94)',
  async (target) => {
    const { harness, faults } = new World({
      settings: { onFailure: 'isolate' },
      lacking: [[], [], ['volumeCreated', 'volumeDestroyed']],
    });
    await harness.up(idle);
    faults.at({ callback: 'volumeDestroyed' }, 'hang', 1);
    expect((await harness.signaled(withoutV)).outcome).toBe('degraded');
    await harness.signaled(idle);
    await harness.reset(target);
    expect(harness.coordinator.isHealthy).toBe(true);
  },
);

it('what is let go of late nobody holds any longer who lacks the callback (F94)', async () => {
  const { harness, faults } = new World({
    lacking: [[], noServing, noServing],
    settings: { maxUnserve: 0 },
  });
  await harness.up(one);
  faults.at({ callback: 'unserveVolume', target: 'v' }, 'lateOk', 1);
  const failed = await harness.signaled(two, { force: true });
  expect(failed).toMatchObject({ outcome: 'degraded', configuration: 'old' });
  await harness.checkAfter(100_000);
  expect(served(harness, 'router')).toEqual(['w']);
  expect((await harness.signaled(two)).outcome).toBe('applied');
});

it('what one that is never told to serve has not let go of counts as served, and is unserved again (F94)', async () => {
  const { harness, faults } = new World({
    lacking: [['serveVolume'], [], []],
    settings: { maxUnserve: 1 },
  });
  await harness.up(one);
  faults.at({ participant: 'store', callback: 'unserveVolume' }, 'lateFail', 1);
  const failed = await harness.signaled(idle, { force: true });
  expect(failed).toMatchObject({ outcome: 'degraded', configuration: 'old' });
  await harness.checkAfter(100_000);
  expect(served(harness, 'store').toSorted()).toEqual(['v', 'w']);
  expect(served(harness, 'router')).toEqual(['v']);
  const [error] = (await harness.signaled(idle)).errors;
  expect(error).toMatchObject({ wouldUnserve: 2, served: 2, allowed: 1 });
  const forced = await harness.signaled(idle, { force: true });
  expect(forced.outcome).toBe('applied');
});

it('what one is still to be told of is set aside until then, though it was never told before (F94)', async () => {
  const { harness, faults } = new World({
    settings: { onFailure: 'isolate' },
    lacking: [['volumeGroupCreated'], [], []],
  });
  await harness.up(withAnother);
  faults.at({ callback: 'volumeGroupDestroyed' }, 'lateOk', 1);
  expect((await harness.signaled(one)).outcome).toBe('degraded');
  await harness.checkAfter(100_000);
  expect(harness.snapshot().failed).toMatchObject([{ group: 'another' }]);
  expect(harness.coordinator.isHealthy).toBe(false);
  const again = await harness.signaled(one);
  expect(again.outcome).toBe('applied');
  expect(
    [...again.steps].flatMap(({ callback, participant }) =>
      callback === 'volumeGroupDestroyed' ? [participant] : [],
    ),
  ).toEqual(['cache', 'store']);
});
