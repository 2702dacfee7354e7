import { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type {
  TransitionCallbacks,
  TransitionContext,
} from './model/callbacks.js';
import { Coordinator } from './coordinator.js';
import {
  CallbackError,
  PreemptedByDownError,
  TransitionStateError,
} from './model/errors.js';
import { defaultSettings } from './transition/settings.js';
import { systemClock } from '../ports/system-clock.js';
import { openGuard } from './guard.js';

const confMap = ConfMap.fromObject({
  Cluster: { WhoAmI: 'A' },
  FSGlobals: { VolumeGroupList: 'g' },
  'VolumeGroup:g': { PrimaryPeer: 'A', VirtualIPAddr: [], VolumeList: 'v' },
});
const request = { load: () => confMap, reason: 'test' };

function coordinatorOf(callbacks: TransitionCallbacks): Coordinator {
  return new Coordinator(
    [{ name: 'p', order: 7, callbacks, concurrency: 1, timeout: undefined }],
    {
      settings: defaultSettings,
      clock: systemClock,
      sink: { emit: () => {}, wantsSteps: () => false },
      random: () => 0.5,
      guard: openGuard,
    },
  );
}

describe('Coordinator', () => {
  it('tells a callback how much time it has left, and none once its time is up', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const left: number[] = [];
    let context: TransitionContext | undefined;
    const up = coordinatorOf({
      up: (_confMap, given) => {
        context = given;
        left.push(given.timeLeft);
        return new Promise(() => {});
      },
    }).up(request);
    await vi.advanceTimersByTimeAsync(1_000);
    left.push(context!.timeLeft);
    await vi.advanceTimersByTimeAsync(100_000);
    left.push(context!.timeLeft);
    expect(left.map(Math.round)).toEqual([60_000, 59_000, 0]);
    await up;
  });

  it('calls callbacks as methods of their participant, and only those it has', async () => {
    class Participant implements TransitionCallbacks {
      readonly served: string[] = [];

      serveVolume(_confMap: ConfMap, volume: string): void {
        this.served.push(volume);
      }
    }
    const participant = new Participant();
    const report = await coordinatorOf(participant).up(request);
    expect(participant.served).toEqual(['v']);
    expect([...report.steps]).toEqual([
      {
        callback: 'serveVolume',
        participant: 'p',
        target: 'v',
        outcome: 'done',
      },
    ]);
  });

  it('knows the configuration that is on its way, and no longer once it is in force or refused', async () => {
    const seen: (string | undefined)[] = [];
    const note = () => {
      const names = [coordinator.configuration, coordinator.coming].map(
        (one) => one?.confMap.getString('Test', 'Name', '-') ?? 'none',
      );
      seen.push(names.join(' '));
    };
    const named = (name: string) => ({
      load: () => confMap.withOverrides([`Test.Name=${name}`]),
      reason: name,
    });
    const coordinator = coordinatorOf({
      signaledStart: (given) => {
        note();
        if (given.getString('Test', 'Name') === 'bad') throw new Error('no');
      },
    });
    note();
    await coordinator.up(named('one'));
    note();
    await coordinator.signaled(named('two'));
    note();
    await coordinator.signaled(named('bad'));
    note();
    expect(seen).toEqual([
      'none none',
      'one none',
      'one two',
      'two none',
      'two bad',
      'two none',
    ]);
  });

  it.each([
    ['settles twice', (settle: () => void) => [settle(), settle()], 'applied'],
    [
      'throws after it has settled',
      (settle: () => void) => {
        settle();
        throw new Error('too late');
      },
      'applied',
    ],
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'rolledBack',
    ],
  ])('F43 takes a foreign thenable that %s', async (_name, then, outcome) => {
    // oxlint-disable-next-line unicorn/no-thenable -- what is tried
    const thenable = { then } as unknown as Promise<void>;
    const coordinator = coordinatorOf({ serveVolume: () => thenable });
    expect((await coordinator.up(request)).outcome).toBe(outcome);
  });

  it('F43 takes a getter of then that throws as a failure of the callback', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- what is tried
    const thenable = Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('no then');
      },
    }) as Promise<void>;
    const coordinator = coordinatorOf({ serveVolume: () => thenable });
    const report = await coordinator.up(request);
    expect(report.outcome).toBe('rolledBack');
    expect(report.errors[0]).toBeInstanceOf(CallbackError);
    expect(report.errors[0]?.message).toBe(
      'Participant p (order 7) failed in serveVolume(v): no then',
    );
  });

  it('F85 goes up once', async () => {
    const coordinator = coordinatorOf({});
    await coordinator.up(request);
    await expect(coordinator.up(request)).rejects.toThrow(TransitionStateError);
  });

  it('tells a plan without running it', async () => {
    const coordinator = coordinatorOf({ serveVolume: () => {} });
    expect(coordinator.plan(confMap)).toEqual({
      kind: 'up',
      delta: expect.objectContaining({ groupsCreated: 1, volumesServed: 1 }),
      steps: [{ callback: 'serveVolume', participant: 'p', target: 'v' }],
      warnings: [],
    });
    expect(coordinator.snapshot()).toMatchObject({
      lifecycle: 'idle',
      generation: 0,
    });
  });

  it('aborts the signal of a callback that asks for a Down before it returns, as it does of any other', async () => {
    let down: Promise<unknown> = Promise.resolve();
    const coordinator = coordinatorOf({
      serveVolume: (_confMap, _volume, { signal }) => {
        down = coordinator.down('test');
        return new Promise((_resolve, reject) => {
          signal.onabort = () => reject(signal.reason as Error);
        });
      },
    });
    const { outcome, errors } = await coordinator.up(request);
    expect(outcome).toBe('failed');
    expect(errors).toMatchObject([
      { cause: expect.any(PreemptedByDownError) },
      expect.any(PreemptedByDownError),
    ]);
    await expect(down).resolves.toMatchObject({ outcome: 'applied' });
  });
});

describe('what is said of it', () => {
  const two = ConfMap.fromObject({
    Cluster: { WhoAmI: 'A' },
    FSGlobals: { VolumeGroupList: 'g' },
    'VolumeGroup:g': { PrimaryPeer: 'A', VolumeList: ['u', 'v'] },
  });
  const offer = (given: ConfMap) => ({ load: () => given, reason: 'test' });
  const started = (
    callbacks: TransitionCallbacks,
    settings: Partial<typeof defaultSettings> = {},
  ): Coordinator =>
    new Coordinator(
      [
        {
          name: 'p',
          order: Infinity,
          callbacks,
          concurrency: 1,
          timeout: undefined,
        },
      ],
      {
        settings: { ...defaultSettings, ...settings },
        clock: systemClock,
        sink: { emit: () => {}, wantsSteps: () => false },
        random: () => 0.5,
        guard: openGuard,
      },
    );
  const failing: TransitionCallbacks = {
    serveVolume: (_confMap, volume) => {
      if (volume === 'v') throw new Error('no disk', { cause: 'dust' });
    },
  };

  it.each([
    [false, false],
    [true, true],
  ])(
    'with volumes set aside, and readyWhenPartial %s, healthy is %s (F102)',
    async (readyWhenPartial, healthy) => {
      const coordinator = started(failing, {
        onFailure: 'isolate',
        readyWhenPartial,
      });
      expect((await coordinator.up(offer(two))).outcome).toBe('partial');
      expect(coordinator.snapshot().degraded).toBe(false);
      expect(coordinator.isHealthy).toBe(healthy);
    },
  );

  it('reports and snapshots are plain data as JSON, errors and infinite orders too (F100)', async () => {
    const coordinator = started(failing, { onFailure: 'isolate' });
    const report = await coordinator.up(offer(two));
    const error = {
      name: 'CallbackError',
      code: 'TRANSITIONS_CALLBACK',
      message: expect.stringContaining('failed in serveVolume(v)') as string,
      step: { callback: 'serveVolume', participant: 'p', target: 'v' },
      order: 'Infinity',
      cause: { name: 'Error', message: 'no disk', cause: 'dust' },
    };
    const asJson = JSON.parse(JSON.stringify(report)) as unknown;
    expect(asJson).toMatchObject({ errors: [error], failed: [{ error }] });
    const snapshot = JSON.parse(
      JSON.stringify(coordinator.snapshot()),
    ) as unknown;
    expect(snapshot).toMatchObject({
      participants: [{ name: 'p', order: 'Infinity' }],
      failed: [{ volume: 'v', error }],
      lastReport: { errors: [error] },
    });
  });

  it('a snapshot has the last report, and what was refused until something else is in force (F170)', async () => {
    const coordinator = started({});
    expect(coordinator.snapshot()).toMatchObject({
      lastReport: undefined,
      refused: undefined,
    });
    await coordinator.up(offer(two));
    await coordinator.signaled(offer(ConfMap.fromObject({ A: { b: 'c' } })));
    const rejected = { outcome: 'rejected', id: 2 };
    await coordinator.reset('u');
    expect(coordinator.snapshot()).toMatchObject({
      lastReport: { outcome: 'unchanged', id: 3 },
      refused: rejected,
    });
    await coordinator.signaled(offer(two));
    expect(coordinator.snapshot()).toMatchObject({
      lastReport: { outcome: 'unchanged', id: 4 },
      refused: undefined,
    });
  });

  it('what is unknown says for how long it runs (F171)', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const coordinator = started(
      { serveVolume: () => new Promise(() => {}) },
      { callbackTimeout: 1_000, onFailure: 'isolate' },
    );
    void coordinator.up(offer(two));
    await vi.advanceTimersByTimeAsync(10_000);
    const [first] = coordinator.snapshot().unknown;
    expect(first).toMatchObject({ callback: 'serveVolume', target: 'u' });
    expect(Math.round(first!.elapsedMs / 100)).toBe(100);
  });
});
