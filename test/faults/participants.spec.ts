import { AsyncLocalStorage } from 'node:async_hooks';
import {
  confOf,
  recorder,
  TransitionsHarness,
} from '@nestjs-transitions/testing';
import {
  CallbackError,
  callbackNames,
  RejectTransition,
  TransitionStateError,
  type ReentrancyGuard,
  type TransitionCallbacks,
  type TransitionReport,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { after, before, World } from './world.js';

const one = confOf({ groups: { local: ['photos'] } });
const two = confOf({ groups: { local: ['photos', 'mail'] } });

function harnessOf(
  callbacks: TransitionCallbacks,
  settings: ConstructorParameters<
    typeof TransitionsHarness
  >[0]['settings'] = {},
): TransitionsHarness {
  return new TransitionsHarness({
    participants: [{ name: 'store', callbacks }, { name: 'router' }],
    settings,
  });
}

describe('what a callback throws', () => {
  const hostile = new Error('x');
  Object.defineProperty(hostile, 'message', {
    get: () => {
      throw new Error('no message for you');
    },
  });
  const circular = Object.assign(new Error('around'), { request: {} });
  Object.assign(circular.request, { error: circular });
  const unspeakable = Object.assign(new Error('beyond words'), {
    size: 1n,
    socket: new Map(),
    ratio: Number.NaN,
    at: new Date(0),
    config: { retry: () => {}, headers: ['a'] },
  });
  const wrapped = (cause: unknown): CallbackError =>
    new CallbackError(
      { callback: 'serveVolume', participant: 'p' },
      0,
      undefined,
      cause,
    );
  it.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a string', 'no', 'no'],
    ['a symbol', Symbol('no'), 'Symbol(no)'],
    ['a frozen object', Object.freeze({}), '[object Object]'],
    ['an object without a prototype', Object.create(null), 'cannot be read'],
    ['an error whose message throws', hostile, 'cannot be read'],
    ['control characters', new Error('a\u001b[2Jb'), 'a\\u001b[2Jb'],
    ['a megabyte', new Error('x'.repeat(1_000_000)), 'xxx…'],
    ['an error that leads back to itself', circular, 'around'],
    ['an error that JSON cannot express', unspeakable, 'beyond words'],
  ])(
    '%s is reported and rolled back, in JSON too (F40, F100)',
    async (_name, thrown, text) => {
      const harness = harnessOf({
        serveVolume: (_confMap, volume) => {
          if (volume === 'mail') throw thrown;
        },
      });
      await harness.up(one);
      const report = await harness.signaled(two);
      expect(report.outcome).toBe('rolledBack');
      const [error] = report.errors;
      expect(error).toBeInstanceOf(CallbackError);
      expect(error?.cause).toBe(thrown);
      expect(error?.message).toContain('Participant store (order 0) failed');
      expect(error?.message).toContain(text);
      expect(error?.message.length).toBeLessThan(2_000);
      for (const told of [report, harness.snapshot(), ...harness.events]) {
        expect(JSON.stringify(told)).not.toBe('{}');
      }
      const asJson = JSON.parse(JSON.stringify(report)) as unknown;
      expect(asJson).toMatchObject({
        errors: [{ name: 'CallbackError', code: 'TRANSITIONS_CALLBACK' }],
      });
    },
  );

  it('what an error holds is in JSON, as far as JSON can express it (F100)', () => {
    expect(JSON.parse(JSON.stringify(wrapped(unspeakable)))).toMatchObject({
      cause: {
        name: 'Error',
        message: 'beyond words',
        size: '1',
        socket: '[Map]',
        ratio: 'NaN',
        at: '1970-01-01T00:00:00.000Z',
        config: { retry: '[function]', headers: ['a'] },
      },
    });
    circular.cause = circular;
    expect(JSON.parse(JSON.stringify(wrapped(circular)))).toMatchObject({
      cause: { request: { error: '[circular]' }, cause: '[circular]' },
    });
  });
});

describe('how a callback returns', () => {
  const thenable = (settle: (resolve: () => void) => void) =>
    // oxlint-disable-next-line unicorn/no-thenable -- what is tried
    ({ then: settle }) as unknown as Promise<void>;
  it.each([
    ['nothing', () => undefined],
    ['a number', () => 7 as unknown as undefined],
    ['a promise', () => Promise.resolve()],
    ['a thenable that calls back at once', () => thenable((done) => done())],
    [
      'a thenable that calls back twice',
      () => thenable((done) => [done(), done()]),
    ],
    [
      'a function that is a thenable',
      () =>
        Object.assign(() => {}, {
          // oxlint-disable-next-line unicorn/no-thenable -- what is tried
          then: (done: () => void) => done(),
        }) as unknown as Promise<void>,
    ],
  ])('F43 %s leads to the same calls', async (_name, callback) => {
    const record = recorder();
    const callbacks = Object.fromEntries(
      callbackNames.map((name) => [name, callback]),
    );
    const harness = harnessOf(record.participant('store', callbacks));
    await harness.up(one);
    expect((await harness.signaled(two)).outcome).toBe('applied');
    expect((await harness.down()).outcome).toBe('applied');
    expect(record.take({ without: ['validate'] })).toEqual([
      'store.up',
      'store.volumeGroupCreated(local, A, )',
      'store.volumeCreated(photos, local)',
      'store.serveVolume(photos)',
      'store.signaledFinish',
      'store.signaledStart',
      'store.volumeCreated(mail, local)',
      'store.serveVolume(mail)',
      'store.signaledFinish',
      'store.volumeToBeUnserved(mail)',
      'store.volumeToBeUnserved(photos)',
      'store.signaledStart',
      'store.unserveVolume(mail)',
      'store.unserveVolume(photos)',
      'store.volumeDestroyed(mail)',
      'store.volumeDestroyed(photos)',
      'store.volumeGroupDestroyed(local)',
      'store.down',
    ]);
  });

  it('F42 a thenable that never calls back runs out of time', async () => {
    const harness = harnessOf({ serveVolume: () => thenable(() => {}) });
    const report = await harness.up(one);
    expect(report.outcome).toBe('degraded');
    expect(report.errors[0]?.message).toContain(
      'did not settle in serveVolume(photos) within 60000 ms',
    );
  });

  it('F43 a thenable that throws fails its step', async () => {
    const harness = harnessOf({
      serveVolume: () =>
        thenable(() => {
          throw new Error('no then');
        }),
    });
    expect((await harness.up(one)).outcome).toBe('rolledBack');
  });
});

describe('what a callback does besides', () => {
  it('F45 a reload, a reset and an up from inside a callback are an error at once, a Down is begun', async () => {
    const guard = new Guard();
    const errors: unknown[] = [];
    let down: Promise<TransitionReport> | undefined;
    const harness: TransitionsHarness = new TransitionsHarness({
      guard,
      participants: [
        {
          name: 'store',
          callbacks: {
            signaledFinish: async (_confMap, { kind }) => {
              if (kind === 'up') return;
              const { coordinator } = harness;
              const request = { load: () => two, reason: 'inside' };
              const calls = [
                coordinator.signaled(request),
                coordinator.reset('photos'),
                coordinator.up(request),
              ];
              for (const call of await Promise.allSettled(calls)) {
                errors.push('reason' in call ? call.reason : call.value);
              }
              down = coordinator.down('inside');
            },
          },
        },
      ],
    });
    await harness.up(one);
    const report = await harness.signaled(two);
    expect(errors.map((error) => (error as Error).name)).toEqual(
      Array.from({ length: 3 }, () => 'ReentrantTransitionError'),
    );
    expect(report.outcome).toBe('failed');
    expect((await harness.settle(down!)).outcome).toBe('applied');
  });

  it('F46 I7 a callback cannot change the configuration that others are given', async () => {
    const attempts: unknown[] = [];
    const harness = harnessOf({
      volumeCreated: (confMap) => {
        const attempt = (change: () => unknown): void => {
          try {
            change();
          } catch (thrown) {
            attempts.push(thrown);
          }
        };
        attempt(() => Object.assign(confMap, { evil: true }));
        const section = confMap.section('VolumeGroup:local')!;
        attempt(() => (section.get('VolumeList') as string[]).push('evil'));
        attempt(() => confMap.sections().push('evil'));
      },
    });
    const text = two.dump();
    expect((await harness.up(two)).outcome).toBe('applied');
    expect(two.dump()).toBe(text);
    expect(attempts.length).toBeGreaterThan(0);
    expect(Object.isFrozen(two)).toBe(true);
  });

  it('F41 a slow callback is warned of once, by participant, callback, target and time', async () => {
    const world = new World({});
    await world.harness.up(one);
    world.faults.at(
      { participant: 'cache', callback: 'serveVolume' },
      'lateOk',
    );
    const report = await world.harness.signaled(two);
    const slow = world.harness.events.filter(
      ({ type }) => type === 'callbackSlow',
    );
    expect(slow).toEqual([
      {
        type: 'callbackSlow',
        id: report.id,
        participant: 'cache',
        callback: 'serveVolume',
        target: 'mail',
        elapsedMs: 10_000,
      },
    ]);
    await world.harness.checkAfter(100_000);
    expect(
      world.harness.events.filter(({ type }) => type === 'callbackSettledLate'),
    ).toEqual([
      {
        type: 'callbackSettledLate',
        participant: 'cache',
        callback: 'serveVolume',
        target: 'mail',
      },
    ]);
  });

  it('F41 I26 the signal of a callback aborts when its time is up, and a rollback has fresh ones', async () => {
    const signals: AbortSignal[] = [];
    const harness = harnessOf({
      serveVolume: (_confMap, volume, { signal }) => {
        signals.push(signal);
        return volume === 'mail' ? new Promise(() => {}) : undefined;
      },
      signaledFinish: (_confMap, { signal }) => {
        signals.push(signal);
      },
    });
    await harness.up(one);
    signals.length = 0;
    await harness.signaled(two);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect((signals[0]!.reason as Error).name).toBe('CallbackTimeoutError');
  });
});

describe('isolate', () => {
  it('F35 I27 a volume that fails is set aside by name, and the others get what they would have got', async () => {
    const world = new World({ settings: { onFailure: 'isolate' } });
    const plain = new World({});
    for (const { harness } of [world, plain]) await harness.up(before);
    const step = { participant: 'cache', callback: 'serveVolume' } as const;
    world.faults.at({ ...step, target: 'between' }, 'throw', 1);
    const report = await world.harness.signaled(after);
    await plain.harness.signaled(after);
    expect(report.outcome).toBe('partial');
    expect(report.failed).toMatchObject([
      { volume: 'between', participant: 'cache', callback: 'serveVolume' },
    ]);
    expect(world.harness.snapshot().failed).toEqual(report.failed);
    // I27: without the volume itself, and the group it stays in, the calls are the same.
    const others = ({ harness }: World) =>
      harness.monitor.log.calls
        .filter(({ target }) => target !== 'between')
        .map(({ kind, participant, callback, names }) =>
          [kind, participant, callback, ...names].join(' '),
        );
    expect(others(world)).toEqual(others(plain));
    const reset = await world.harness.reset('between');
    expect(reset.outcome).toBe('applied');
    expect([...reset.steps].map(({ target }) => target ?? 'between')).toEqual(
      Array.from(reset.steps, () => 'between'),
    );
    expect(world.harness.snapshot().failed).toEqual([]);
  });

  it('F35 a RejectTransition puts the volume back and sets nothing aside as failed', async () => {
    let refuse = true;
    const harness = harnessOf(
      {
        serveVolume: (_confMap, volume) => {
          if (refuse && volume === 'mail') throw new RejectTransition('busy');
        },
      },
      { onFailure: 'isolate' },
    );
    await harness.up(one);
    const report = await harness.signaled(two);
    expect(report.outcome).toBe('partial');
    expect(report.failed).toEqual([]);
    expect(harness.snapshot()).toMatchObject({ failed: [], degraded: true });
    refuse = false;
    expect((await harness.signaled(two)).outcome).toBe('applied');
    expect(harness.snapshot().degraded).toBe(false);
  });
});

describe('validate', () => {
  it('I23 every veto is collected, nothing else is called, and the old configuration stays', async () => {
    let veto = false;
    const validate = () => {
      if (veto) throw new Error('not with me');
    };
    const harness = new TransitionsHarness({
      participants: ['a', 'b', 'c'].map((name) => ({
        name,
        callbacks: name === 'b' ? {} : { validate },
      })),
    });
    await harness.up(one);
    veto = true;
    const report = await harness.signaled(two);
    expect(report).toMatchObject({ outcome: 'rejected', configuration: 'old' });
    expect(report.errors.map(({ message }) => message)).toEqual([
      'Participant a vetoes the configuration: not with me',
      'Participant c vetoes the configuration: not with me',
    ]);
    expect([...report.steps].map(({ callback }) => callback)).toEqual([
      'validate',
      'validate',
    ]);
    expect(harness.coordinator.configuration?.confMap).toBe(one);
  });

  it('I23 what a slow validate leaves behind fences nothing', async () => {
    const world = new World({});
    await world.harness.up(before);
    world.faults.at({ callback: 'validate' }, 'hang', 1);
    expect((await world.harness.signaled(after)).outcome).toBe('rejected');
    expect((await world.harness.signaled(after)).outcome).toBe('applied');
  });
});

describe('who is refused', () => {
  it('F84 F85 a second up, an up after down and a reload after down are refused, a second down is the first', async () => {
    const { harness } = new World({});
    const request = { load: () => one, reason: 'again' };
    await harness.up(one);
    await expect(harness.coordinator.up(request)).rejects.toThrow(
      TransitionStateError,
    );
    const first = harness.coordinator.down('one');
    expect(harness.coordinator.down('two')).toBe(first);
    await harness.settle(first);
    await expect(harness.coordinator.up(request)).rejects.toThrow(
      'up is refused while down',
    );
    const report = await harness.coordinator.signaled(request);
    expect(report.outcome).toBe('rejected');
    expect(report.errors[0]).toBeInstanceOf(TransitionStateError);
  });

  it('F84 a Down before up leaves up nothing to do: it rejects and calls nothing', async () => {
    const { harness } = new World({});
    const waiting = harness.coordinator.signaled({
      load: () => one,
      reason: 'early',
    });
    expect((await harness.down()).outcome).toBe('applied');
    await expect(
      harness.coordinator.up({ load: () => one, reason: 'late' }),
    ).rejects.toThrow(TransitionStateError);
    expect((await waiting).outcome).toBe('rejected');
    expect(harness.monitor.log.calls).toEqual([]);
  });
});

class Guard implements ReentrancyGuard {
  private readonly storage = new AsyncLocalStorage<boolean>();

  run<T>(transition: () => Promise<T>): Promise<T> {
    return this.storage.run(true, transition);
  }

  isInside(): boolean {
    return this.storage.getStore() ?? false;
  }

  outside(work: () => void): void {
    this.storage.exit(work);
  }
}
