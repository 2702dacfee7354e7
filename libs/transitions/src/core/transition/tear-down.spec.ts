import type { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import { timelessTurns } from '../../testing/timeless-turns.js';
import type { TransitionCallbacks } from '../model/callbacks.js';
import { Coordinator } from '../coordinator.js';
import { AbandonedError } from '../model/errors.js';
import type { TransitionReport } from '../report/report.js';
import { defaultSettings } from './settings.js';
import { describeStep } from '../model/step.js';
import { openGuard } from '../guard.js';

const forever = new Promise<void>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Boots with participants that write down what they are told, and when, from the Down on. */
class Scene {
  readonly calls: string[] = [];
  private startedAt = 0;

  note(callback: string, target?: string): void {
    const name = target === undefined ? callback : `${callback}(${target})`;
    this.calls.push(`${Date.now() - this.startedAt} ${name}`);
  }

  /** Takes down, in at most a second, what a boot with a configuration brought up. */
  async down(
    confMap: ConfMap,
    ...callbacks: readonly TransitionCallbacks[]
  ): Promise<TransitionReport> {
    const participants = callbacks.map((given, order) => ({
      name: `p${order}`,
      order,
      callbacks: given,
      concurrency: 1,
      timeout: undefined,
    }));
    const coordinator = new Coordinator(participants, {
      settings: { ...defaultSettings, shutdownTimeout: 1_000 },
      clock: timelessTurns,
      sink: { emit: () => {}, wantsSteps: () => false },
      random: () => 0.5,
      guard: openGuard,
    });
    await coordinator.up({ load: () => confMap, reason: 'test' });
    this.startedAt = Date.now();
    const report = coordinator.down('test');
    await vi.advanceTimersByTimeAsync(1_000);
    return report;
  }
}

describe('the time of a Down', () => {
  it('is for groups and volumes up to 80 %, each callback at most half of what is left of that, and for participants the rest', async () => {
    const scene = new Scene();
    const volumes = Array.from({ length: 20 }, (_, index) => `v${index}`);
    const hanging = (name: string): TransitionCallbacks => ({
      unserveVolume: () => {
        scene.note(`${name}.unserveVolume`);
        return forever;
      },
      down: () => {
        scene.note(`${name}.down`);
        return forever;
      },
    });
    const report = await scene.down(
      sampleConf({ g: volumes }),
      hanging('first'),
      hanging('last'),
    );
    expect(scene.calls).toEqual([
      ...[0, 400, 600, 700, 750, 775, 788, 794, 797, 799].map(
        (time) => `${time} last.unserveVolume`,
      ),
      '800 last.down',
      '900 first.down',
    ]);
    expect(report.outcome).toBe('failed');
    expect(report.durations.total).toBeLessThanOrEqual(1_000);
  });

  it('is not waited for where nothing hangs', async () => {
    const scene = new Scene();
    const report = await scene.down(sampleConf({ g: ['v'] }), {
      unserveVolume: () => later(10),
      down: () => later(10),
    });
    expect(report).toMatchObject({
      outcome: 'applied',
      errors: [],
      durations: { total: 20 },
    });
  });
});

describe('a participant that is taken down', () => {
  it('gets what an overdue callback makes possible when that settles before its own down', async () => {
    const scene = new Scene();
    const report = await scene.down(sampleConf({ g: ['v'] }), {
      unserveVolume: () => later(500),
      volumeDestroyed: (_confMap, volume) =>
        scene.note('volumeDestroyed', volume),
      volumeGroupDestroyed: (_confMap, group) =>
        scene.note('volumeGroupDestroyed', group),
      down: () => scene.note('down'),
    });
    expect(scene.calls).toEqual([
      '500 volumeDestroyed(v)',
      '500 volumeGroupDestroyed(g)',
      '500 down',
    ]);
    expect(report.abandoned).toEqual([]);
  });

  it('gets no call after its down: what shows up to be left there then is reported', async () => {
    const scene = new Scene();
    let unserved: () => void = () => {};
    const report = await scene.down(sampleConf({ g: ['v'] }), {
      unserveVolume: () => new Promise((resolve) => (unserved = resolve)),
      volumeDestroyed: () => scene.note('volumeDestroyed'),
      volumeGroupDestroyed: () => scene.note('volumeGroupDestroyed'),
      down: () => {
        scene.note('down');
        unserved();
        return later(10);
      },
    });
    expect(scene.calls).toEqual(['600 down']);
    const participant = 'p0';
    expect(report).toMatchObject({
      outcome: 'failed',
      abandoned: [
        { participant, callback: 'volumeDestroyed', target: 'v' },
        { participant, callback: 'volumeGroupDestroyed', target: 'g' },
      ],
    });
    expect(report.errors.at(-1)).toBeInstanceOf(AbandonedError);
    expect(report.errors.at(-1)?.message).toMatch('had gone down already');
  });

  it('gets its down though a volume failed; nothing that builds on the failure is called', async () => {
    const scene = new Scene();
    const report = await scene.down(sampleConf({ g: ['v', 'w'], h: ['x'] }), {
      unserveVolume: (_confMap, volume) => {
        scene.note('unserveVolume', volume);
        if (volume === 'w') throw new Error('no');
      },
      volumeDestroyed: (_confMap, volume) =>
        scene.note('volumeDestroyed', volume),
      volumeGroupDestroyed: (_confMap, group) =>
        scene.note('volumeGroupDestroyed', group),
      down: () => scene.note('down'),
    });
    expect(scene.calls).toEqual([
      '0 unserveVolume(x)',
      '0 unserveVolume(w)',
      '0 unserveVolume(v)',
      '0 volumeDestroyed(x)',
      '0 volumeDestroyed(v)',
      '0 volumeGroupDestroyed(h)',
      '0 down',
    ]);
    expect(report.abandoned.map(describeStep)).toEqual([
      'volumeDestroyed(w)',
      'volumeGroupDestroyed(g)',
    ]);
  });

  it('is not asked again for what failed when something else settles late', async () => {
    const scene = new Scene();
    await scene.down(sampleConf({ g: ['slow'], h: ['failing'] }), {
      unserveVolume: (_confMap, volume) => {
        scene.note('unserveVolume', volume);
        if (volume === 'failing') throw new Error('no');
        return later(500);
      },
      volumeDestroyed: (_confMap, volume) =>
        scene.note('volumeDestroyed', volume),
      down: () => scene.note('down'),
    });
    expect(scene.calls).toEqual([
      '0 unserveVolume(failing)',
      '0 unserveVolume(slow)',
      '500 volumeDestroyed(slow)',
      '500 down',
    ]);
  });
});
