import { confOf, VirtualClock } from '@nestjs-transitions/testing';
import {
  Coordinator,
  defaultSettings,
  openGuard,
  type TransitionCallbacks,
  type TransitionReport,
  type TransitionSettings,
} from 'nestjs-transitions/core';
import type { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it } from 'vitest';

const peers = ['A', 'B'];
const conf = (groups: Parameters<typeof confOf>[0]['groups']): ConfMap =>
  confOf({ peers, groups });
const at = (primary: string, ...volumes: string[]) => ({ primary, volumes });

/** Participants with just the callbacks that are given, in ascending order. */
class Scene {
  readonly clock = new VirtualClock();
  readonly coordinator: Coordinator;

  constructor(
    participants: Record<string, TransitionCallbacks>,
    settings: Partial<TransitionSettings> = {},
  ) {
    this.coordinator = new Coordinator(
      Object.entries(participants).map(([name, callbacks], order) => ({
        name,
        order,
        callbacks,
        concurrency: 1,
        timeout: undefined,
      })),
      {
        settings: { ...defaultSettings, ...settings },
        clock: this.clock,
        sink: { emit: () => {}, wantsSteps: () => false },
        random: () => 0.5,
        guard: openGuard,
      },
    );
  }

  up(confMap: ConfMap): Promise<TransitionReport> {
    return this.clock.settle(
      this.coordinator.up({ load: () => confMap, reason: 'test' }),
    );
  }

  reload(confMap: ConfMap, force = false): Promise<TransitionReport> {
    return this.clock.settle(
      this.coordinator.signaled({ load: () => confMap, reason: 'test', force }),
    );
  }

  reset(
    target: Parameters<Coordinator['reset']>[0],
  ): Promise<TransitionReport> {
    return this.clock.settle(this.coordinator.reset(target));
  }

  served(name: string): readonly string[] {
    const { participants } = this.coordinator.snapshot();
    return participants.find((each) => each.name === name)!.served;
  }
}

const isolate = { onFailure: 'isolate' } as const;
const no = (): never => {
  throw new Error('no');
};
const forever = (): Promise<void> => new Promise(() => {});

describe('a boot with isolate', () => {
  it.each([
    ['fails', no, 0],
    ['hangs', forever, 1],
  ])(
    'comes up, not ready, where the create of a group without volumes %s; the group is listed (F89)',
    async (_how, volumeGroupCreated, unknown) => {
      const calls: string[] = [];
      const scene = new Scene(
        {
          store: {
            volumeGroupCreated: (_confMap, group) =>
              group === 'empty' ? volumeGroupCreated() : undefined,
            serveVolume: (_confMap, volume) => void calls.push(volume),
          },
        },
        isolate,
      );
      const report = await scene.up(conf({ empty: at('A'), g: at('A', 'v') }));
      expect(report).toMatchObject({
        outcome: 'partial',
        configuration: 'new',
        failed: [{ group: 'empty', callback: 'volumeGroupCreated' }],
      });
      expect(calls).toEqual(['v']);
      expect(scene.coordinator.isHealthy).toBe(false);
      expect(scene.coordinator.snapshot()).toMatchObject({
        lifecycle: 'up',
        failed: [{ group: 'empty' }],
      });
      expect(scene.coordinator.snapshot().unknown).toHaveLength(unknown);
    },
  );

  it('that fails all the same has taken down what it brought up (F89)', async () => {
    const calls: string[] = [];
    const scene = new Scene(
      {
        store: {
          serveVolume: (_confMap, volume) => void calls.push(`+${volume}`),
          unserveVolume: (_confMap, volume) => void calls.push(`-${volume}`),
          signaledFinish: no,
        },
      },
      isolate,
    );
    const report = await scene.up(conf({ g: at('A', 'v') }));
    expect(report).toMatchObject({ outcome: 'rolledBack' });
    expect(calls).toEqual(['+v', '-v']);
  });
});

describe('what is set aside', () => {
  it('and served, though it is another peer’s, is degraded and not ready (F91)', async () => {
    const scene = new Scene({ store: { unserveVolume: no } }, isolate);
    await scene.up(conf({ g: at('A', 'v'), h: at('A', 'w') }));
    const report = await scene.reload(
      conf({ g: at('B', 'v'), h: at('A', 'w') }),
    );
    expect(report).toMatchObject({ outcome: 'degraded', configuration: 'new' });
    expect(report.errors.length).toBeGreaterThan(0);
    expect(scene.served('store')).toEqual(['v', 'w']);
    expect(scene.coordinator.isHealthy).toBe(false);
    expect(scene.coordinator.snapshot().degraded).toBe(true);
  });

  it('and out of the way is partial (F91)', async () => {
    const scene = new Scene(
      {
        store: {
          serveVolume: (_confMap, volume) =>
            volume === 'v' ? no() : undefined,
        },
      },
      isolate,
    );
    await scene.up(conf({ h: at('A', 'w') }));
    const report = await scene.reload(
      conf({ g: at('A', 'v'), h: at('A', 'w') }),
    );
    expect(report).toMatchObject({
      outcome: 'partial',
      failed: [{ volume: 'v' }],
    });
    expect(scene.coordinator.snapshot().degraded).toBe(false);
  });
});

it('undoing never serves what the configuration that it goes back to gives to another peer (F90)', async () => {
  let unserve: () => void = no;
  let failing = 'store';
  const served: string[] = [];
  const scene = new Scene({
    store: {
      unserveVolume: (_confMap, volume) =>
        volume === 'v' ? unserve() : undefined,
      serveVolume: (_confMap, volume, { kind }) =>
        void served.push(`${kind} ${volume}`),
    },
    last: {
      serveVolume: (_confMap, volume) => {
        if (volume === failing) throw new Error('no');
      },
    },
  });
  await scene.up(conf({ g: at('B', 'v'), h: at('A', 'w') }));
  failing = 'v';
  // It comes, cannot be served by all, and cannot be let go again.
  const degraded = await scene.reload(
    conf({ g: at('A', 'v'), h: at('A', 'w') }),
  );
  expect(degraded).toMatchObject({ outcome: 'degraded', configuration: 'old' });
  expect(scene.served('store')).toEqual(['v', 'w']);
  unserve = () => {};
  failing = 'x';
  served.length = 0;
  const report = await scene.reload(
    conf({ g: at('B', 'v'), h: at('A', 'w', 'x') }),
  );
  expect(served).toEqual(['signaled x']);
  expect(report.configuration).toBe('old');
  expect(scene.served('store')).toEqual(['w']);
});

describe('a gate that stands last', () => {
  it('does not open on the way back over a volume that an earlier participant failed to serve again (F92)', async () => {
    let back = false;
    const open = new Set<string>();
    const scene = new Scene({
      store: {
        serveVolume: (_confMap, _volume, { kind }) => {
          if (kind === 'rollback' && back) throw new Error('no');
        },
        unserveVolume: () => {},
      },
      cache: { serveVolume: () => {}, volumeGroupMoved: no },
      gate: {
        serveVolume: (_confMap, volume) => void open.add(volume),
        unserveVolume: (_confMap, volume) => void open.delete(volume),
      },
    });
    await scene.up(conf({ g: at('A', 'v') }));
    expect([...open]).toEqual(['v']);
    back = true;
    // Nobody's: the rollback may serve it again.
    const report = await scene.reload(conf({ g: at('', 'v') }));
    expect(report.outcome).toBe('degraded');
    expect([...open]).toEqual([]);
  });
});

describe('what is unknown', () => {
  const hanging = (): Scene =>
    new Scene({
      first: { volumeGroupCreated: () => {} },
      second: {
        volumeGroupCreated: (_confMap, group) =>
          group === 'new' ? forever() : undefined,
      },
    });
  const before = { g: at('A', 'v') };

  it('does not stop a reload that leaves it alone (F93)', async () => {
    const scene = hanging();
    await scene.up(conf(before));
    await scene.reload(conf({ ...before, new: at('A', 'x') }));
    const report = await scene.reload(conf({ g: at('A', 'v', 'w') }));
    expect(report).toMatchObject({ outcome: 'degraded', configuration: 'new' });
    expect(scene.served('second')).toEqual(['v', 'w']);
  });

  it('stops one that needs it, and the message names the call that helps (F93)', async () => {
    const scene = hanging();
    await scene.up(conf(before));
    await scene.reload(conf({ ...before, new: at('A', 'x') }));
    const report = await scene.reload(conf({ ...before, new: at('A', 'x') }));
    expect(report.outcome).toBe('rejected');
    expect(report.errors[0]!.message).toContain("reset({ group: 'new' })");
  });

  it('is freed by a reset of its group, or of its participant (F93)', async () => {
    for (const target of [{ group: 'new' }, { participant: 'second' }]) {
      const scene = hanging();
      await scene.up(conf(before));
      await scene.reload(conf({ ...before, new: at('A', 'x') }));
      await scene.reset(target);
      expect(scene.coordinator.snapshot().unknown).toEqual([]);
      await scene.reload(conf(before));
      expect(scene.coordinator.isHealthy).toBe(true);
    }
  });
});

describe('a participant that lacks a callback', () => {
  it('holds nothing that no call gave (F94)', async () => {
    const scene = new Scene({
      logger: { up: () => {} },
      store: {
        serveVolume: (_confMap, volume) =>
          volume === 'new' ? forever() : undefined,
        unserveVolume: () => {},
      },
      last: { down: () => {} },
    });
    await scene.up(conf({ g: at('A', 'v') }));
    await scene.reload(conf({ g: at('A', 'v', 'new') }));
    for (const name of ['logger', 'store', 'last']) {
      expect(scene.served(name)).toEqual(['v']);
    }
  });
});

describe('callbacks that settle late inside their transition', () => {
  it('a signaledStart is followed by its signaledFinish (F95)', async () => {
    const calls: string[] = [];
    const scene = new Scene(
      {
        first: {
          signaledStart: () =>
            new Promise<void>((resolve) => {
              scene.clock.startTimer(resolve, 1_500);
            }),
          signaledFinish: (_confMap, { kind }) => void calls.push(kind),
        },
        second: {
          // The rollback takes longer than the start that is late.
          signaledFinish: (_confMap, { kind }) =>
            kind === 'rollback'
              ? new Promise<void>((resolve) => {
                  scene.clock.startTimer(resolve, 900);
                })
              : undefined,
        },
      },
      { callbackTimeout: 1_000 },
    );
    await scene.up(conf({ g: at('A', 'v') }));
    calls.length = 0;
    const report = await scene.reload(conf({ g: at('A', 'v', 'w') }));
    expect(calls).toEqual(['rollback']);
    expect(report.errors.length).toBeGreaterThan(0);
  });

  it('what is applied in the end has no error (F95)', async () => {
    const scene = new Scene(
      {
        first: {
          signaledFinish: (_confMap, { kind }) =>
            kind === 'signaled'
              ? new Promise<void>((resolve) => {
                  scene.clock.startTimer(resolve, 1_500);
                })
              : undefined,
        },
        second: {
          signaledFinish: (_confMap, { kind }) =>
            kind === 'signaled'
              ? new Promise<void>((resolve) => {
                  scene.clock.startTimer(resolve, 900);
                })
              : undefined,
        },
      },
      { callbackTimeout: 1_000 },
    );
    await scene.up(conf({ g: at('A', 'v') }));
    const report = await scene.reload(conf({ g: at('A', 'v', 'w') }));
    expect(report).toMatchObject({ outcome: 'applied', errors: [] });
  });
});

it('undoing goes through the targets in the order of the configuration that callbacks are told (F97)', async () => {
  const calls: string[] = [];
  const note =
    (what: string) =>
    (_confMap: ConfMap, volume: string, { kind }: { kind: string }): void => {
      if (kind === 'rollback') calls.push(`${what} ${volume}`);
    };
  const scene = new Scene({
    store: {
      volumeUnserveCancelled: (confMap, volume, context) =>
        note('stays')(confMap, volume, context),
      serveVolume: (confMap, volume, context) =>
        note('serve')(confMap, volume, context),
      volumeToBeUnserved: () => {},
      signaledStart: no,
    },
  });
  await scene.up(conf({ g: at('A', 'a', 'b'), h: at('A', 'c') }));
  await scene.reload(conf({ h: at('B', 'c'), g: at('B', 'b', 'a') }));
  expect(calls).toEqual(['stays a', 'stays b', 'stays c']);
});

it('a reset calls nothing for any other volume (F98)', async () => {
  let cancel: () => void = no;
  const calls: string[] = [];
  const scene = new Scene({
    store: {
      volumeToBeUnserved: () => {},
      volumeUnserveCancelled: (_confMap, volume) => {
        cancel();
        calls.push(`stays ${volume}`);
      },
      signaledStart: (_confMap, { id }) => {
        if (id === 2) throw new Error('no');
      },
    },
  });
  await scene.up(conf({ g: at('A', 'v1', 'v2') }));
  // v2 was announced to leave, and could not be told that it stays.
  await scene.reload(conf({ g: at('A', 'v1'), h: at('B', 'v2') }));
  cancel = () => {};
  await scene.reset('v1');
  expect(calls).toEqual([]);
});
