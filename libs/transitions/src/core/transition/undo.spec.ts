import type { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import { timelessTurns } from '../../testing/timeless-turns.js';
import type { TransitionCallbacks } from '../model/callbacks.js';
import { Coordinator } from '../coordinator.js';
import type { TransitionReport } from '../report/report.js';
import { defaultSettings, type TransitionSettings } from './settings.js';
import { openGuard } from '../guard.js';

const forever = new Promise<void>(() => {});
const fails = (): never => {
  throw new Error('no');
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** One participant that is up with a configuration. */
class Scene {
  private constructor(readonly coordinator: Coordinator) {}

  static async of(
    confMap: ConfMap,
    callbacks: TransitionCallbacks,
    settings: Partial<TransitionSettings> = {},
  ): Promise<Scene> {
    const coordinator = new Coordinator(
      [{ name: 'p', order: 0, callbacks, concurrency: 1, timeout: undefined }],
      {
        settings: { ...defaultSettings, rollbackTimeout: 1_000, ...settings },
        clock: timelessTurns,
        sink: { emit: () => {}, wantsSteps: () => false },
        random: () => 0.5,
        guard: openGuard,
      },
    );
    await coordinator.up({ load: () => confMap, reason: 'test' });
    return new Scene(coordinator);
  }

  async reload(confMap: ConfMap): Promise<TransitionReport> {
    const report = this.coordinator.signaled({
      load: () => confMap,
      reason: 'test',
    });
    await vi.advanceTimersByTimeAsync(10_000);
    return report;
  }

  get served(): readonly string[] {
    return this.coordinator.snapshot().participants[0]!.served;
  }

  get failed(): (string | undefined)[] {
    return this.coordinator.snapshot().failed.map(({ volume }) => volume);
  }
}

describe('a rollback', () => {
  it('gives a callback that hangs at most half of the time that is left, and tells the others', async () => {
    const calls: string[] = [];
    const startedAt = Date.now();
    const note = (call: string): void => {
      calls.push(`${Date.now() - startedAt} ${call}`);
    };
    const scene = await Scene.of(sampleConf({ g: [] }), {
      serveVolume: (_confMap, volume) => {
        if (volume === 'd') throw new Error('no');
      },
      unserveVolume: (_confMap, volume) => {
        note(`unserveVolume(${volume})`);
        return volume === 'a' ? undefined : forever;
      },
      volumeDestroyed: (_confMap, volume) => note(`volumeDestroyed(${volume})`),
    });
    const report = await scene.reload(sampleConf({ g: ['a', 'b', 'c', 'd'] }));
    expect(calls).toEqual([
      '0 unserveVolume(c)',
      '500 unserveVolume(b)',
      '750 unserveVolume(a)',
      '750 volumeDestroyed(d)',
      '750 volumeDestroyed(a)',
    ]);
    expect(report).toMatchObject({
      outcome: 'degraded',
      configuration: 'old',
      durations: { rollback: 750 },
    });
  });

  it('gives callbacks the old configuration, and the new one as the previous', async () => {
    const old = sampleConf({ g: ['v'] });
    const wanted = sampleConf({ g: ['v', 'w'] });
    const seen: unknown[] = [];
    const scene = await Scene.of(old, {
      volumeDestroyed: (confMap, volume, { kind, previous }) =>
        void seen.push([kind, volume, confMap === old, previous?.toJSON()]),
      serveVolume: (_confMap, volume) => {
        if (volume === 'w') throw new Error('no');
      },
    });
    expect((await scene.reload(wanted)).outcome).toBe('rolledBack');
    expect(seen).toEqual([['rollback', 'w', true, wanted.toJSON()]]);
    expect(scene.served).toEqual(['v']);
  });

  it('serves a volume again that the new configuration has on no other peer, and no volume that another peer may serve by now', async () => {
    const scene = await Scene.of(sampleConf({ g: ['v'], h: ['w'] }), {
      unserveVolume: () => {},
      volumeGroupMoved: fails,
    });
    const report = await scene.reload(sampleConf({ 'g@B': ['v'] }));
    expect(report.released).toEqual(['v']);
    expect(report.outcome).toBe('rolledBack');
    expect(scene.served).toEqual(['w']);
  });

  it('releases nothing for which no unserveVolume was issued', async () => {
    const scene = await Scene.of(sampleConf({ g: ['v'] }), {
      unserveVolume: () => {},
      volumeToBeUnserved: fails,
    });
    const report = await scene.reload(sampleConf({ 'g@B': ['v'] }));
    expect(report.released).toEqual([]);
    expect(scene.served).toEqual(['v']);
  });
});

describe('with isolate', () => {
  const small = sampleConf({ g: ['v'] });
  const large = sampleConf({ g: ['v', 'new'], h: ['w'] });
  const settings = { onFailure: 'isolate', callbackTimeout: 1_000 } as const;

  it('a failing volume is put back and listed as failed until it ends as configured', async () => {
    let broken = true;
    const scene = await Scene.of(
      small,
      {
        serveVolume: (_confMap, volume) => {
          if (broken && volume === 'new') throw new Error('no');
        },
      },
      settings,
    );
    expect((await scene.reload(large)).outcome).toBe('partial');
    expect([scene.failed, scene.served]).toEqual([['new'], ['v', 'w']]);
    await scene.reload(large);
    expect(scene.failed).toEqual(['new']);
    broken = false;
    expect((await scene.reload(large)).outcome).toBe('applied');
    expect([scene.failed, scene.served]).toEqual([[], ['v', 'new', 'w']]);
  });

  it('a volume is no longer failed once its overdue callback settles and it is as configured', async () => {
    let settle: () => void = () => {};
    const scene = await Scene.of(
      small,
      {
        serveVolume: (_confMap, volume) =>
          volume === 'new'
            ? new Promise((resolve) => (settle = resolve))
            : undefined,
      },
      settings,
    );
    await scene.reload(large);
    expect(scene.failed).toEqual(['new']);
    settle();
    await vi.advanceTimersByTimeAsync(0);
    expect([scene.failed, scene.served]).toEqual([[], ['v', 'new', 'w']]);
    expect(scene.coordinator.isHealthy).toBe(true);
  });

  it('a failed volume that the next configuration does not have is no longer listed', async () => {
    const scene = await Scene.of(
      small,
      {
        serveVolume: (_confMap, volume) => {
          if (volume === 'new') throw new Error('no');
        },
      },
      settings,
    );
    await scene.reload(large);
    await scene.reload(small);
    expect([scene.failed, scene.served]).toEqual([[], ['v']]);
  });
});
