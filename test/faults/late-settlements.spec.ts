import { confOf, TransitionsHarness } from '@nestjs-transitions/testing';
import {
  TargetUnknownError,
  type TransitionCallbacks,
} from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { World } from './world.js';

const confWith = (...volumes: string[]) => confOf({ groups: { g: volumes } });

it('a reload that is refused for a participant that was unknown names it, also when it has settled by then (F95)', async () => {
  const { harness, faults } = new World({});
  await harness.up(confWith('a'));
  faults.at({ participant: 'cache', callback: 'signaledStart' }, 'lateOk', 1);
  await harness.signaled(confWith('a'));
  // It settles while the router takes its time to validate.
  faults.at({ participant: 'router', callback: 'validate' }, 'lateOk', 1);
  const refused = await harness.signaled(confWith('a', 'b'));
  expect(refused.outcome).toBe('rejected');
  expect(
    refused.errors.filter((error) => error instanceof TargetUnknownError),
  ).toMatchObject([
    { steps: [{ participant: 'cache', callback: 'signaledStart' }] },
  ]);
});

it('what settles during a dry run is not forgotten by it (F101)', async () => {
  const { harness, faults } = new World({});
  await harness.up(confWith('a'));
  const late = { participant: 'store', callback: 'serveVolume' } as const;
  faults.at({ ...late, target: 'b' }, 'lateOk', 1);
  expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe('degraded');
  // It settles 30 s from now, and the dry run takes 40 s.
  faults.at(
    { participant: 'router', callback: 'validate' },
    'lateOk',
    1,
    40_000,
  );
  const foretold = await harness.dryRun(confWith('a'));
  expect(foretold.steps.map(({ callback }) => callback)).toContain(
    'unserveVolume',
  );
  const { degraded, unknown, participants } = harness.snapshot();
  expect({ degraded, unknown }).toEqual({ degraded: true, unknown: [] });
  expect([...participants[0]!.served]).toEqual(['a', 'b']);
});

/** A callback that runs out of time in its first call, until it is told to return. */
class Late {
  private isFirst = true;
  private end = (): void => {};

  call(): Promise<void> | undefined {
    if (!this.isFirst) return undefined;
    this.isFirst = false;
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** It has settled, and nothing else has had its turn since. */
  async settle(): Promise<void> {
    this.end();
    for (let round = 0; round < 10; round++) await Promise.resolve();
  }
}

function storeWith(callbacks: TransitionCallbacks): TransitionsHarness {
  return new TransitionsHarness({
    participants: [{ name: 'store', callbacks }],
  });
}

it('a reset that is asked for in the turn in which a callback settles knows what that has done (F98)', async () => {
  const late = new Late();
  const open = new Set<string>();
  const harness = storeWith({
    serveVolume: async (_confMap, volume) => {
      if (volume === 'b') await late.call();
      open.add(volume);
    },
    unserveVolume: (_confMap, volume) => void open.delete(volume),
  });
  await harness.up(confWith('a'));
  expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe('degraded');
  await late.settle();
  // The configuration in force has no b.
  expect((await harness.reset('b')).outcome).toBe('applied');
  expect([...open]).toEqual(['a']);
  expect(harness.snapshot()).toMatchObject({ degraded: false, unknown: [] });
});

it.each<'validate' | 'nothing else'>(['validate', 'nothing else'])(
  'a reload that is asked for in the turn in which a participant is known again calls it, which has %s',
  async (besides) => {
    const late = new Late();
    let begun = 0;
    const harness = storeWith({
      signaledStart: async () => {
        await late.call();
        begun++;
      },
      ...(besides === 'validate' && { validate: () => {} }),
    });
    await harness.up(confWith('a'));
    expect((await harness.signaled(confWith('a'))).outcome).toBe('degraded');
    await late.settle();
    const report = await harness.signaled(confWith('a', 'b'));
    expect(report.errors).toEqual([]);
    expect(begun).toBe(2);
  },
);

it('what is taken over in a reload leaves it degraded until that has ended', async () => {
  const late = new Late();
  const sized = (Size: string) =>
    confOf({ groups: { g: ['a'] }, volumes: { a: { Size } } });
  const seen: unknown[] = [];
  const harness = storeWith({
    validate: () => late.settle(),
    volumeChanged: () => late.call(),
    signaledStart: () => {
      const { degraded, unknown } = harness.snapshot();
      seen.push({ degraded, unknown: unknown.length });
    },
  });
  await harness.up(sized('1'));
  expect((await harness.signaled(sized('2'))).outcome).toBe('degraded');
  // Since then the store has the new size, which is not the one in force.
  expect((await harness.signaled(sized('1'))).outcome).toBe('applied');
  expect(seen).toEqual([
    { degraded: false, unknown: 0 },
    { degraded: true, unknown: 0 },
  ]);
  expect(harness.snapshot().degraded).toBe(false);
});

it('a Down calls signaledStart once, also at who lacks signaledFinish, when a callback settles late in it', async () => {
  const { harness, faults } = new World({
    lacking: [[], ['signaledFinish'], []],
  });
  await harness.up(confWith('a'));
  faults.at(
    { participant: 'store', callback: 'unserveVolume' },
    'lateOk',
    1,
    12_000,
  );
  const before = harness.monitor.log.calls.length;
  await harness.down();
  expect(harness.snapshot().unknown).toEqual([]);
  const begun = harness.monitor.log.calls
    .slice(before)
    .filter(({ callback }) => callback === 'signaledStart');
  expect(begun.map(({ participant }) => participant)).toEqual([
    'router',
    'cache',
    'store',
  ]);
});
