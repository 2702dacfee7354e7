import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { clusterOf } from '../testing/cluster-conf.js';
import { settle, startGatedApp } from '../testing/gated-app.js';
import { DrainAbortedError } from './drain-aborted.error.js';
import { drainTimes } from './drain.js';
import type { VolumePass } from './volume-entrance.js';

it('participants unserve a volume after the last request has left it', async () => {
  const journal: string[] = [];
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'), [
    { unserveVolume: () => void journal.push('unserve') },
  ]);
  const passes = [gate.enter('photos'), gate.enter('photos')];
  const reload = transitions.signaled(clusterOf('photos@B'));
  for (const pass of passes) {
    await settle();
    journal.push(`${gate.inside('photos')} inside`);
    pass[Symbol.dispose]();
    pass[Symbol.dispose]();
  }
  await reload;
  expect(journal).toEqual(['2 inside', '1 inside', 'unserve']);
});

it('volumes that leave together drain together', async () => {
  const { gate, transitions } = await startGatedApp(
    clusterOf('photos,music@A'),
  );
  const passes = [gate.enter('photos'), gate.enter('music')];
  const reload = transitions.signaled(clusterOf('photos,music@B'));
  await settle();
  // In either order: neither waits for the other.
  passes[0]![Symbol.dispose]();
  await settle();
  expect([gate.inside('photos'), gate.inside('music')]).toEqual([0, 1]);
  passes[1]![Symbol.dispose]();
  expect((await reload).outcome).toBe('applied');
});

it('after the drain timeout those inside are told, and how many they were', async () => {
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'), [], {
    drainTimeout: 10,
  });
  const passes = [gate.enter('photos'), gate.enter('photos')];
  const [first, second] = passes as [VolumePass, VolumePass];
  first.signal.addEventListener('abort', () =>
    queueMicrotask(() => passes.forEach((pass) => pass[Symbol.dispose]())),
  );
  // Nobody has asked for the signal of the second.
  const report = await transitions.signaled(clusterOf('photos@B'));
  expect(report.outcome).toBe('applied');
  for (const { signal } of [first, second]) {
    expect(signal.reason).toBeInstanceOf(DrainAbortedError);
    expect(signal.reason).toMatchObject({ volumeName: 'photos', inside: 2 });
  }
});

it('a request that heeds no signal does not hold a volume for ever', async () => {
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'), [], {
    drainTimeout: 0,
    callbackTimeout: 400,
  });
  gate.enter('photos');
  const report = await transitions.signaled(clusterOf('photos@B'));
  expect(report.outcome).toBe('applied');
  expect(gate.inside('photos')).toBe(0);
});

it('what a straggler does in the end concerns no later stay of the volume', async () => {
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'), [], {
    drainTimeout: 0,
    callbackTimeout: 400,
  });
  const straggler = gate.enter('photos');
  await transitions.signaled(clusterOf('photos@B'));
  await transitions.signaled(clusterOf('photos@A'));
  using pass = gate.enter('photos');
  straggler[Symbol.dispose]();
  expect(gate.inside('photos')).toBe(1);
  expect(pass.signal.aborted).toBe(false);
});

it('a Down in the midst of a drain gives those inside the time of its own', async () => {
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'));
  const pass = gate.enter('photos');
  const reload = transitions.signaled(clusterOf('photos@B'));
  reload.catch(() => {});
  await settle();
  const down = transitions.down();
  await settle();
  expect(pass.signal.aborted).toBe(false);
  expect(gate.inside('photos')).toBe(1);
  pass[Symbol.dispose]();
  expect((await down).outcome).toBe('applied');
  await expect(reload).rejects.toThrow('failed');
});

describe('in a Down that has less time than the drain timeout', () => {
  it.each([1_000, 3_000])(
    'of %i ms a request that heeds no signal keeps no participant from its unserveVolume (F141)',
    async (shutdownTimeout) => {
      const unserved: string[] = [];
      const { gate, transitions } = await startGatedApp(
        clusterOf('photos,music@A'),
        [
          { unserveVolume: (_confMap, name) => void unserved.push(name) },
          { unserveVolume: (_confMap, name) => void unserved.push(name) },
        ],
        { shutdownTimeout },
      );
      const { signal } = gate.enter('photos');
      expect((await transitions.down()).outcome).toBe('applied');
      expect(signal.reason).toBeInstanceOf(DrainAbortedError);
      expect(unserved).toEqual(['music', 'photos', 'music', 'photos']);
    },
  );

  it.each([true, false])(
    '1,100 busy volumes leave in time, whether or not their requests heed their signals: %s (F141)',
    async (heed) => {
      const names = Array.from({ length: 1_100 }, (_, index) => `v${index}`);
      let unserved = 0;
      const { gate, transitions } = await startGatedApp(
        clusterOf(`${names.join(',')}@A`),
        [{ unserveVolume: () => void unserved++ }],
        { shutdownTimeout: 3_000 },
      );
      for (const pass of names.map((name) => gate.enter(name))) {
        if (!heed) continue;
        pass.signal.addEventListener('abort', () => pass[Symbol.dispose]());
      }
      expect((await transitions.down()).outcome).toBe('applied');
      expect(unserved).toBe(1_100);
    },
  );
});

it('a callbackTimeout that is short, too, leaves time for a drain and those who heed it (F141)', async () => {
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'), [], {
    callbackTimeout: 200,
    drainTimeout: 199,
  });
  const pass = gate.enter('photos');
  pass.signal.addEventListener('abort', () => pass[Symbol.dispose]());
  const report = await transitions.signaled(clusterOf('photos@B'));
  expect(report.outcome).toBe('applied');
  expect(pass.signal.reason).toBeInstanceOf(DrainAbortedError);
});

it.each([30 * 24 * 60 * 60 * 1_000, Infinity])(
  'a drain timeout of a month aborts nobody at once, with a callbackTimeout of %d ms (F99)',
  async (callbackTimeout) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const month = callbackTimeout === Infinity ? 30 : 29;
    const { gate, transitions } = await startGatedApp(
      clusterOf('photos@A'),
      [],
      { drainTimeout: month * 24 * 60 * 60 * 1_000, callbackTimeout },
    );
    const pass = gate.enter('photos');
    const reload = transitions.signaled(clusterOf('photos@B'));
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pass.signal.aborted).toBe(false);
    pass[Symbol.dispose]();
    expect((await reload).outcome).toBe('applied');
  },
);

it.each([
  // Time left, drain timeout; patience, grace.
  [60_000, 10_000, 10_000, 1_000],
  [60_000, 59_000, 58_500, 1_000],
  [Infinity, Infinity, Infinity, 1_000],
  [10_000, 10_000, 8_500, 1_000],
  [400, 10_000, 220, 100],
  [0, 10_000, 0, 0],
])(
  'of %d ms a drain with a timeout of %d ms waits %d ms, and then %d ms for those it has aborted',
  (timeLeft, drainTimeout, patienceMs, graceMs) => {
    expect(drainTimes(timeLeft, drainTimeout)).toEqual({ patienceMs, graceMs });
  },
);
