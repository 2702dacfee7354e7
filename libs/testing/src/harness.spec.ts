import type { TransitionCallbacks } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import {
  confOf,
  FaultPlan,
  faulty,
  InvariantError,
  InvariantMonitor,
  recorder,
  TransitionsHarness,
  VirtualClock,
} from './index.js';

/** What a user of the kit tests: it opens a file for each volume that it serves. */
class Files implements TransitionCallbacks {
  readonly open = new Set<string>();

  serveVolume(_confMap: unknown, volume: string): void {
    this.open.add(volume);
  }

  async unserveVolume(_confMap: unknown, volume: string): Promise<void> {
    await Promise.resolve();
    this.open.delete(volume);
  }
}

const here = confOf({ groups: { local: ['photos', 'mail'] } });
const gone = confOf({
  groups: { local: { primary: 'B', volumes: ['photos', 'mail'] } },
});

describe('TransitionsHarness', () => {
  it('takes a participant through a boot, a reload and a Down', async () => {
    const files = new Files();
    const record = recorder();
    const harness = new TransitionsHarness({
      participants: [
        { name: 'files', callbacks: record.participant('files', files) },
      ],
    });
    await harness.up(here);
    expect([...files.open]).toEqual(['photos', 'mail']);
    record.take();
    await harness.signaled(gone);
    expect([...files.open]).toEqual([]);
    expect(record.take({ without: ['validate'] })).toEqual([
      'files.volumeToBeUnserved(mail)',
      'files.volumeToBeUnserved(photos)',
      'files.signaledStart',
      'files.unserveVolume(mail)',
      'files.unserveVolume(photos)',
      'files.volumeGroupMoved(local, B, )',
      'files.signaledFinish',
    ]);
    expect((await harness.down()).outcome).toBe('applied');
  });

  it('shows what a participant makes of a fault at each of its calls', async () => {
    for (let k = 1; k <= 10; k++) {
      const clock = new VirtualClock();
      const files = new Files();
      const faults = new FaultPlan(clock);
      const callbacks = faulty('files', files, faults);
      const harness = new TransitionsHarness({
        clock,
        participants: [{ name: 'files', callbacks }],
      });
      await harness.up(here);
      faults.atCall(k, 'reject');
      const report = await harness.signaled(gone);
      // Two unserves; the first one that fails is issued, so nothing serves it again.
      expect(report.outcome).toBe(k <= 2 ? 'rolledBack' : 'applied');
      expect(faults.injected).toBe(k <= 2 ? 1 : 0);
      expect([...files.open]).toEqual({ 1: ['photos'], 2: [] }[k] ?? []);
    }
  });
});

describe('InvariantMonitor', () => {
  it('says which invariant did not hold, and the calls before it', () => {
    const monitor = new InvariantMonitor();
    const watched = monitor.watch('files');
    const context = {
      kind: 'up',
      id: 1,
      generation: 1,
      signal: new AbortController().signal,
      timeLeft: 60_000,
    } as const;
    monitor.onEvent({
      type: 'transitionStarted',
      id: 1,
      kind: 'up',
      reason: 'test',
    });
    void watched.up(here, context);
    void watched.serveVolume(here, 'photos', context);
    expect(() => monitor.check()).toThrow(InvariantError);
    expect(() => monitor.check()).toThrow(
      /I14: files.serveVolume\(photos\), but it does not know the volume\n[^]*#1 up files.up: done/,
    );
  });
});
