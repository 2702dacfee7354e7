import type { ConfMap } from '@nestjs-transitions/conf';
import { confOf, TransitionsHarness } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';

const good = confOf({ groups: { g: ['a'] } });
const vetoed = confOf({ groups: { g: ['a', 'vetoed'] } });
const vetoedToo = confOf({ groups: { g: ['vetoed'] } });
const failing = confOf({ groups: { g: ['a', 'failing'] } });

/** Three participants, of which the second has its own mind. */
function harnessOf(onFailure: 'rollback' | 'isolate'): TransitionsHarness {
  const opinionated = {
    validate: (confMap: ConfMap) => {
      const volumes = confMap.getStrings('VolumeGroup:g', 'VolumeList');
      if (volumes.includes('vetoed')) throw new Error('vetoed');
    },
    up: () => {},
    volumeCreated: () => {},
    serveVolume: (_confMap: ConfMap, volume: string) => {
      if (volume === 'failing') throw new Error('as planned');
    },
    unserveVolume: () => {},
    volumeDestroyed: () => {},
    down: () => {},
  };
  return new TransitionsHarness({
    settings: { onFailure },
    participants: [
      { name: 'p1' },
      { name: 'p2', callbacks: opinionated },
      { name: 'p3' },
    ],
  });
}

function boot(
  harness: TransitionsHarness,
  load: () => ConfMap,
  confMap: ConfMap,
): Promise<TransitionReport> {
  const fallBack = async () => ({ confMap, origin: 'the last good one' });
  return harness.settle(
    harness.coordinator.up({ reason: 'test', load, fallBack }),
  );
}

const broken = (): ConfMap => {
  throw new Error('not to be read');
};

describe.each(['rollback', 'isolate'] as const)(
  'a boot that falls back keeps every law (%s)',
  (onFailure) => {
    it.each([
      ['after a veto', () => vetoed],
      ['after a source that cannot be read', broken],
    ])('%s, and what follows it too', async (_when, load) => {
      const harness = harnessOf(onFailure);
      const { outcome, stale } = await boot(harness, load, good);
      expect([outcome, stale?.origin]).toEqual([
        'applied',
        'the last good one',
      ]);
      const refused = await harness.signaled(vetoed);
      expect([refused.outcome, refused.stale]).toEqual(['rejected', stale]);
      const healed = await harness.signaled(good);
      expect([healed.outcome, healed.stale]).toEqual(['unchanged', undefined]);
      expect((await harness.down()).outcome).toBe('applied');
    });

    it('if that is vetoed too', async () => {
      const harness = harnessOf(onFailure);
      const report = await boot(harness, () => vetoed, vetoedToo);
      expect([report.outcome, report.errors.length]).toEqual(['rejected', 2]);
    });

    it('if a callback fails then', async () => {
      const harness = harnessOf(onFailure);
      const report = await boot(harness, () => vetoed, failing);
      const messages = report.errors.map(({ message }) => message);
      expect([report.outcome, report.stale?.origin, messages.length]).toEqual(
        onFailure === 'rollback'
          ? ['rolledBack', undefined, 2]
          : ['partial', 'the last good one', 1],
      );
      await harness.down();
    });
  },
);
