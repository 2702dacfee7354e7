import { confOf } from '@nestjs-transitions/testing';
import {
  TransitionStateError,
  VolumeFailedError,
  type TransitionReport,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { World, type WorldOptions } from './world.js';

const peers = ['A', 'B'];
const conf = confOf({ peers, groups: { g: ['v', 'w'] } });
const gone = confOf({
  peers,
  groups: { g: { primary: 'B', volumes: ['v', 'w'] } },
});
const broken = new Error('EIO: i/o error');

async function up(options: WorldOptions = {}): Promise<World> {
  const world = new World({ withGate: true, ...options });
  await world.harness.up(conf);
  return world;
}

/** The calls of a report, as lines. */
function callsOf({ steps }: TransitionReport): string[] {
  return [...steps].map(
    ({ participant, callback, target }) =>
      `${participant}.${callback} ${target}`,
  );
}

function servedBy({ harness }: World): string[][] {
  return harness.snapshot().participants.map(({ served }) => [...served]);
}

describe('a volume that breaks while it is served (F182)', () => {
  it.each(['rollback', 'isolate'] as const)(
    'is unserved in reverse order and set aside with its reason, and nobody hears of a reload, under %s',
    async (onFailure) => {
      const world = await up({ settings: { onFailure } });
      const report = await world.harness.fail('v', broken);
      expect(callsOf(report)).toEqual([
        'VolumeGate.volumeToBeUnserved v',
        'router.volumeToBeUnserved v',
        'cache.volumeToBeUnserved v',
        'store.volumeToBeUnserved v',
        'VolumeGate.unserveVolume v',
        'router.unserveVolume v',
        'cache.unserveVolume v',
        'store.unserveVolume v',
      ]);
      expect(report).toMatchObject({
        kind: 'signaled',
        reason: 'fail v',
        outcome: 'partial',
        errors: [expect.any(VolumeFailedError)],
      });
      expect(servedBy(world)).toEqual([['w'], ['w'], ['w'], ['w']]);
      const { failed, degraded } = world.harness.snapshot();
      expect(degraded).toBe(false);
      expect(failed).toMatchObject([{ volume: 'v', error: { cause: broken } }]);
    },
  );

  it('is shut before fail returns, whatever runs', async () => {
    const { harness, gate } = await up();
    const report = harness.coordinator.fail('v', broken);
    expect(gate!.isOpen('v')).toBe(false);
    expect(gate!.isOpen('w')).toBe(true);
    await harness.settle(report);
  });

  it('keeps what all others do when one of them cannot let go, and is tried again until all have', async () => {
    const retry = { initial: 1_000, max: 60_000, reloads: false };
    const world = await up({ settings: { retry } });
    const { harness, faults, gate } = world;
    faults.at({ participant: 'router', callback: 'unserveVolume' }, 'throw', 1);
    const report = await harness.fail('v', broken);
    expect(report.outcome).toBe('degraded');
    expect(servedBy(world)).toEqual([['w'], ['w'], ['v', 'w'], ['w']]);
    await harness.checkAfter(1_000);
    // Not served before all have let go of it.
    expect(servedBy(world)).toEqual([['w'], ['w'], ['w'], ['w']]);
    expect(gate!.isOpen('v')).toBe(false);
    await harness.checkAfter(2_000);
    expect(gate!.isOpen('v')).toBe(true);
    expect(harness.snapshot()).toMatchObject({ failed: [], degraded: false });
  });

  it('is left to its unknown callback, and let go of by the rest once that has settled', async () => {
    const retry = { initial: 1_000, max: 60_000, reloads: false };
    const world = await up({ settings: { retry } });
    const { harness, faults } = world;
    faults.at(
      { participant: 'router', callback: 'unserveVolume' },
      'lateOk',
      1,
      100_000,
    );
    const report = await harness.fail('v', broken);
    expect(report.outcome).toBe('degraded');
    expect(harness.snapshot().retries).toEqual([
      { volume: 'v', attempt: 1, inMs: undefined },
    ]);
    await harness.checkAfter(30_000);
    expect(servedBy(world)).toEqual([
      ['v', 'w'],
      ['v', 'w'],
      ['v', 'w'],
      ['w'],
    ]);
    await harness.checkAfter(60_000);
    expect(harness.snapshot()).toMatchObject({ failed: [], degraded: false });
    expect(servedBy(world)).toEqual([
      ['v', 'w'],
      ['v', 'w'],
      ['v', 'w'],
      ['v', 'w'],
    ]);
  });

  it('is served again at once where the last one has let go of it late', async () => {
    const retry = { initial: 1_000, max: 60_000, reloads: false };
    const world = await up({ settings: { retry } });
    const { harness, faults } = world;
    const last = { participant: 'store', callback: 'unserveVolume' } as const;
    faults.at(last, 'lateOk', 1);
    await harness.fail('v', broken);
    await harness.checkAfter(31_000);
    expect(harness.snapshot()).toMatchObject({ failed: [], degraded: false });
    expect(servedBy(world)).toEqual(
      Array.from({ length: 4 }, () => ['v', 'w']),
    );
  });

  it('joins what is under way when it is said twice', async () => {
    const { harness } = await up();
    const reports = await harness.settle(
      Promise.all([
        harness.coordinator.fail('v', broken),
        harness.coordinator.fail('v', new Error('again')),
      ]),
    );
    expect(reports[1]).toBe(reports[0]);
    const started = harness.events.filter(
      (event) => event.type === 'transitionStarted',
    );
    expect(started.map(({ reason }) => reason)).toEqual(['test', 'fail v']);
  });

  it.each(['v2', ''])('is refused where nobody serves it: %j', async (name) => {
    const { harness } = await up();
    await expect(harness.coordinator.fail(name, broken)).rejects.toThrow(
      TransitionStateError,
    );
  });

  it('waits for the reload that runs, and stays shut when that serves it again', async () => {
    const world = await up();
    const { harness, faults, gate } = world;
    const moved = confOf({ peers, groups: { g: ['w'], h: ['v'] } });
    let failed: Promise<TransitionReport> | undefined;
    faults.duringCall(5, () => {
      failed = harness.coordinator.fail('v', broken);
      expect(gate!.isOpen('v')).toBe(false);
    });
    expect((await harness.signaled(moved)).outcome).toBe('applied');
    expect(gate!.isOpen('v')).toBe(false);
    expect((await harness.settle(failed!)).outcome).toBe('partial');
    expect(servedBy(world)).toEqual([['w'], ['w'], ['w'], ['w']]);
  });

  it('is let go of together with all others that fail before it is their turn', async () => {
    const { harness, faults } = await up();
    const failed: Promise<TransitionReport>[] = [];
    faults.duringCall(1, () => {
      failed.push(
        harness.coordinator.fail('w', broken),
        harness.coordinator.fail('v', broken),
      );
    });
    await harness.signaled(conf, { force: true });
    const [first, second] = await harness.settle(Promise.all(failed));
    expect(second).toBe(first);
    expect(first).toMatchObject({
      reason: 'fail w, v',
      outcome: 'partial',
      errors: [{ volume: 'w' }, { volume: 'v' }],
    });
    expect(callsOf(first!).slice(0, 2)).toEqual([
      'VolumeGate.volumeToBeUnserved w',
      'VolumeGate.volumeToBeUnserved v',
    ]);
    const { failed: aside } = harness.snapshot();
    expect(aside.map(({ volume }) => volume)).toEqual(['w', 'v']);
  });

  it('leaves nothing to do where the reload that runs takes the volume away', async () => {
    const { harness, faults } = await up();
    let failed: Promise<TransitionReport> | undefined;
    faults.duringCall(1, () => {
      failed = harness.coordinator.fail('v', broken);
    });
    await harness.signaled(gone);
    const report = await harness.settle(failed!);
    expect(callsOf(report)).toEqual([]);
    expect(report).toMatchObject({ outcome: 'unchanged', errors: [] });
    expect(harness.snapshot().failed).toEqual([]);
  });

  it('is left to a Down that has begun, which takes it down', async () => {
    const world = await up({ pace: 'timer' });
    const { harness, gate } = world;
    const down = harness.coordinator.down('test');
    const failed = harness.coordinator.fail('v', broken);
    expect(gate!.isOpen('v')).toBe(false);
    expect((await harness.settle(failed)).outcome).toBe('rejected');
    expect((await harness.settle(down)).outcome).toBe('applied');
  });

  it('is served again by a reset', async () => {
    const { harness, gate } = await up();
    await harness.fail('v', broken);
    expect((await harness.reset('v')).outcome).toBe('applied');
    expect(gate!.isOpen('v')).toBe(true);
  });

  it('that hangs on in a callback stays degraded, and a reset of another group does not change that (I22)', async () => {
    const { harness, faults } = await up();
    faults.at(
      { participant: 'router', callback: 'volumeToBeUnserved' },
      'lateFail',
      90_000,
    );
    expect((await harness.fail('v', broken)).outcome).toBe('degraded');
    await harness.reset({ group: 'nowhere' });
    await harness.checkAfter(200_000);
    expect(harness.snapshot()).toMatchObject({
      degraded: true,
      unknown: [],
      failed: [{ volume: 'v' }],
    });
    await harness.reset('v');
    expect(harness.snapshot()).toMatchObject({ degraded: false, failed: [] });
  });

  it('that is kept after all while it fails is let into once it fails no more', async () => {
    const { harness, faults, gate } = await up();
    faults.at(
      { participant: 'store', callback: 'volumeToBeUnserved' },
      'lateOk',
      1,
      60_004,
    );
    await harness.fail('v', broken);
    // It settles while the next reload hangs, which is undone.
    const moved = confOf({ peers, groups: { g: ['v'], h: ['w'] } });
    faults.at({ callback: 'serveVolume', target: 'w' }, 'hang', 1);
    await harness.signaled(moved);
    expect(harness.snapshot().participants[0]!.leaving).toEqual([]);
    expect(gate!.isOpen('v')).toBe(false);
    await harness.reset('w');
    expect((await harness.signaled(conf)).outcome).toBe('unchanged');
    expect(gate!.isOpen('v')).toBe(true);
  });

  it('is no reason for a group that nobody could destroy: that stays degraded (I22)', async () => {
    const { harness, faults } = await up({
      settings: { onFailure: 'isolate' },
    });
    faults.at(
      { participant: 'store', callback: 'volumeGroupDestroyed' },
      'refuse',
      1,
    );
    const renamed = confOf({ peers, groups: { h: ['v', 'w'] } });
    expect((await harness.signaled(renamed)).outcome).toBe('partial');
    await harness.fail('v', broken);
    expect(harness.snapshot().degraded).toBe(true);
    expect((await harness.signaled(renamed)).outcome).toBe('applied');
  });

  it('that nobody has let go of is opened again by a reset', async () => {
    const { harness, faults, gate } = await up();
    const first = { participant: 'store', callback: 'volumeChanged' } as const;
    faults.at(first, 'hang', 1);
    const size = { Size: '1' };
    const changed = confOf({
      peers,
      groups: { g: ['v', 'w'] },
      volumes: { v: size },
    });
    const reload = harness.coordinator.signaled({
      load: () => changed,
      reason: 'changed',
    });
    const failed = harness.coordinator.fail('v', broken);
    expect((await harness.settle(reload)).outcome).toBe('degraded');
    expect((await harness.settle(failed)).outcome).toBe('degraded');
    expect(gate!.isOpen('v')).toBe(false);
    expect((await harness.reset('v')).outcome).toBe('unchanged');
    expect(gate!.isOpen('v')).toBe(true);
  });

  it('keeps no reload from all else while it stays broken, under rollback too', async () => {
    const world = await up();
    const { harness, faults } = world;
    await harness.fail('v', broken);
    faults.at({ callback: 'serveVolume', target: 'v' }, 'throw');
    const more = confOf({ peers, groups: { g: ['v', 'w', 'x'] } });
    const report = await harness.signaled(more);
    expect(report.outcome).toBe('partial');
    expect(servedBy(world)).toEqual([
      ['w', 'x'],
      ['w', 'x'],
      ['w', 'x'],
      ['w', 'x'],
    ]);
  });
});
