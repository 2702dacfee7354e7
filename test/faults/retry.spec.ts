import { confOf } from '@nestjs-transitions/testing';
import {
  TransitionStateError,
  type TransitionEvent,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { World, type WorldOptions } from './world.js';

const peers = ['A', 'B'];
const conf = confOf({ peers, groups: { g: ['v', 'w'] } });
const more = confOf({ peers, groups: { g: ['v', 'w', 'x', 'y'] } });
const retry = { initial: 1_000, max: 4_000, reloads: false };
const isolate = { onFailure: 'isolate', retry } as const;

function scheduled({ harness }: World): [number, number][] {
  return harness.events
    .filter(
      (event): event is Extract<TransitionEvent, { type: 'retryScheduled' }> =>
        event.type === 'retryScheduled',
    )
    .map(({ attempt, delayMs }) => [attempt, delayMs]);
}

/** The reasons of all transitions so far, in their order. */
function reasons({ harness }: World): string[] {
  return harness.events.flatMap((event) =>
    event.type === 'transitionStarted' ? event.reason : [],
  );
}

async function asideIn(options: WorldOptions = {}): Promise<World> {
  const world = new World({ withGate: true, settings: isolate, ...options });
  const { harness, faults } = world;
  await harness.up(conf);
  for (const target of ['x', 'y']) {
    faults.at(
      { participant: 'cache', callback: 'serveVolume', target },
      'throw',
      3,
    );
  }
  expect((await harness.signaled(more)).outcome).toBe('partial');
  return world;
}

describe('what is set aside (F183)', () => {
  it('is tried again, ever later, all of it in one small transition, until it succeeds', async () => {
    const world = await asideIn();
    const { harness, gate } = world;
    await harness.checkAfter(10_000);
    // Of 1, 2 and 4 seconds three quarters, as the randomness is in the middle.
    expect(scheduled(world)).toEqual([
      [1, 750],
      [2, 1_500],
      [3, 3_000],
    ]);
    expect(reasons(world)).toEqual([
      'test',
      'test',
      'retry x, y',
      'retry x, y',
      'retry x, y',
    ]);
    expect(harness.snapshot()).toMatchObject({ failed: [], retries: [] });
    expect(gate!.isOpen('x')).toBe(true);
    const { calls } = harness.monitor.log;
    const last = calls.filter(({ id }) => id === 5);
    expect(last.some(({ callback }) => callback.startsWith('signaled'))).toBe(
      false,
    );
  });

  it('is told in snapshots, with the time of its next attempt', async () => {
    const { harness } = await asideIn();
    await harness.checkAfter(500);
    expect(harness.snapshot().retries).toEqual([
      { volume: 'x', attempt: 1, inMs: 250 },
      { volume: 'y', attempt: 1, inMs: 250 },
    ]);
  });

  it('never waits longer than max, however often it fails', async () => {
    const world = await asideIn();
    world.faults.at({ callback: 'serveVolume' }, 'throw');
    await world.harness.checkAfter(60_000);
    const delays = scheduled(world).map(([, delayMs]) => delayMs);
    expect(delays.length).toBeGreaterThan(10);
    expect(Math.max(...delays)).toBe(3_000);
  });

  it('is not tried while it is unknown, and at once when it has settled', async () => {
    const world = new World({ settings: isolate, withGate: true });
    const { harness, faults, gate } = world;
    await harness.up(conf);
    const step = {
      participant: 'cache',
      callback: 'serveVolume',
      target: 'x',
    } as const;
    faults.at(step, 'lateOk', 1, 100_000);
    await harness.signaled(more);
    await harness.checkAfter(20_000);
    expect(reasons(world)).toEqual(['test', 'test']);
    expect(harness.snapshot().retries).toMatchObject([{ inMs: undefined }]);
    await harness.checkAfter(80_000);
    expect(gate!.isOpen('x')).toBe(true);
    expect(harness.snapshot()).toMatchObject({ failed: [], retries: [] });
  });

  it('is over once it has settled well during a dry run, at whatever moment', async () => {
    // The moment moves through the end of the reload, through the dry run and beyond.
    for (let lateMs = 60_001; lateMs < 60_025; lateMs++) {
      const world = new World({ settings: isolate, pace: 'timer' });
      const { harness, faults } = world;
      await harness.up(conf);
      const step = { callback: 'serveVolume', target: 'x' } as const;
      faults.at({ ...step, participant: 'router' }, 'lateOk', 1, lateMs);
      await harness.signaled(more);
      await harness.dryRun(more);
      const { failed, retries } = harness.snapshot();
      expect(retries.map(({ volume }) => volume)).toEqual(
        failed.map(({ volume }) => volume),
      );
    }
  });

  it.each(['a reset', 'a newer configuration'])(
    'is over after %s',
    async (what) => {
      const world = await asideIn();
      const { harness, faults } = world;
      faults.clear();
      if (what === 'a reset') {
        await harness.reset('x');
        await harness.reset('y');
      } else await harness.signaled(conf);
      expect(harness.snapshot().retries).toEqual([]);
      const before = reasons(world);
      await harness.checkAfter(100_000);
      expect(reasons(world)).toEqual(before);
    },
  );

  it('is not tried any more once the module goes down', async () => {
    const world = await asideIn();
    await world.harness.down();
    await world.harness.checkAfter(100_000);
    expect(reasons(world)).toHaveLength(3);
    expect(world.harness.snapshot().retries).toEqual([]);
  });

  it('waits longer each time that it heals for a moment only', async () => {
    const world = new World({ settings: { retry }, withGate: true });
    const { harness } = world;
    await harness.up(conf);
    for (let times = 0; times < 3; times++) {
      await harness.fail('v');
      await harness.checkAfter(3_000);
      expect(harness.snapshot().failed).toEqual([]);
    }
    expect(scheduled(world)).toEqual([
      [1, 750],
      [2, 1_500],
      [3, 3_000],
    ]);
    // And begins anew once it has held.
    await harness.checkAfter(10_000);
    await harness.fail('v');
    expect(scheduled(world).at(-1)).toEqual([1, 750]);
  });
});

describe('a reload that was rolled back because a callback failed (F183)', () => {
  async function rolledBack(
    isUnattended: boolean,
    reloads = false,
  ): Promise<World> {
    const world = new World({ settings: { retry: { ...retry, reloads } } });
    const { harness, faults } = world;
    await harness.up(conf);
    faults.at({ participant: 'cache', callback: 'serveVolume' }, 'throw', 2);
    const [report] = await harness.signaledAtOnce({
      confMap: more,
      isUnattended,
    });
    expect(report!.outcome).toBe('rolledBack');
    return world;
  }

  it.each([
    ['nobody waits for its report', true, false],
    ['the option says so', false, true],
  ])('is tried again where %s', async (_why, isUnattended, reloads) => {
    const world = await rolledBack(isUnattended, reloads);
    const { harness } = world;
    expect(harness.snapshot().retries).toEqual([
      { reload: 'test', attempt: 1, inMs: 750 },
    ]);
    await harness.checkAfter(10_000);
    expect(reasons(world)).toEqual([
      'test',
      'test',
      'retry of test',
      'retry of test',
    ]);
    expect(harness.coordinator.configuration?.confMap.dump()).toBe(more.dump());
    expect(harness.snapshot()).toMatchObject({
      retries: [],
      refused: undefined,
    });
  });

  it('is left to whoever waits for its report', async () => {
    const world = await rolledBack(false);
    await world.harness.checkAfter(100_000);
    expect(reasons(world)).toEqual(['test', 'test']);
  });

  it('is over when another configuration comes into force', async () => {
    const world = await rolledBack(true);
    const { harness, faults } = world;
    faults.clear();
    await harness.signaled(confOf({ peers, groups: { g: ['v'] } }));
    await harness.checkAfter(100_000);
    expect(reasons(world)).toEqual(['test', 'test', 'test']);
  });

  it('is over when what the source has is refused', async () => {
    const world = await rolledBack(true);
    const { harness } = world;
    await harness.signaled(confOf({ groups: { g: ['v'] }, peers: ['B'] }));
    expect(harness.snapshot().retries).toEqual([]);
  });

  it('is tried with what the source has then, and goes on while the source cannot be read', async () => {
    const world = new World({ settings: { retry } });
    const { harness, faults } = world;
    await harness.up(conf);
    faults.at({ participant: 'cache', callback: 'serveVolume' }, 'throw', 1);
    const has = [
      more,
      new Error('not now'),
      confOf({ peers, groups: { g: ['v'] } }),
    ];
    const report = harness.coordinator.signaled({
      reason: 'SIGHUP',
      isUnattended: true,
      load: () => {
        const next = has.shift();
        if (next instanceof Error) throw next;
        return next!;
      },
    });
    expect((await harness.settle(report)).outcome).toBe('rolledBack');
    await harness.checkAfter(10_000);
    expect(reasons(world)).toEqual([
      'test',
      'SIGHUP',
      'retry of SIGHUP',
      'retry of SIGHUP',
    ]);
    expect(has).toEqual([]);
    expect(harness.snapshot().retries).toEqual([]);
  });
});

it('nothing is tried again where the option says so (F183)', async () => {
  const world = await asideIn({
    settings: { onFailure: 'isolate', retry: false },
  });
  await world.harness.checkAfter(200_000);
  expect(reasons(world)).toEqual(['test', 'test']);
  expect(world.harness.snapshot().retries).toEqual([]);
  await expect(
    world.harness.coordinator.fail('x', new Error('broken')),
  ).rejects.toThrow(TransitionStateError);
});
