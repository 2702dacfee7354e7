import type { TransitionCallbacks } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { Cluster, conf, ttl } from './cluster.js';

/** Each first unserveVolume takes so long that the session is over after it. */
function peerThatLoses(
  cluster: Cluster,
  volumeLost: NonNullable<TransitionCallbacks['volumeLost']>,
) {
  return cluster.peer('a', {
    unserveVolume: () => cluster.clock.block(ttl),
    volumeLost,
    down: () => {},
  });
}

/** As a step of the store. */
const step = (callback: string, target: string): object => ({
  callback,
  participant: 'store',
  target,
});

describe('a volume that is lost by the time of its unserveVolume', () => {
  it('is in the report by what was called, and fails once', async () => {
    const cluster = new Cluster();
    const a = peerThatLoses(cluster, () =>
      Promise.reject(new Error('still writing')),
    );
    await a.up(conf('a', { v: 'a', w: 'a' }));
    const { steps, errors } = await a.down();
    expect([...steps].slice(0, 2)).toMatchObject([
      { ...step('unserveVolume', 'w'), outcome: 'done' },
      { ...step('volumeLost', 'v'), outcome: 'failed' },
    ]);
    expect(errors.map(({ message }) => message)).toEqual([
      'Participant store (order 0) failed in volumeLost(v): still writing',
      '2 steps not done, their participant had gone down already: store.volumeDestroyed(v), store.volumeGroupDestroyed(G-v)',
    ]);
  });

  it('is in flight, and unknown, as what was called', async () => {
    const cluster = new Cluster();
    const { clock } = cluster;
    let settle = (): void => {};
    let called = (): void => {};
    const isCalled = new Promise<void>((resolve) => (called = resolve));
    const a = peerThatLoses(cluster, () => {
      called();
      return new Promise<void>((resolve) => (settle = resolve));
    });
    await a.up(conf('a', { v: 'a', w: 'a' }));
    const down = a.coordinator.down('test');
    await clock.settle(isCalled);
    const lost = step('volumeLost', 'v');
    expect(a.coordinator.inFlight).toEqual([lost]);
    const { running } = a.coordinator.snapshot();
    expect(running).toMatchObject({ phase: 'unserveVolume', inFlight: [lost] });
    while (a.coordinator.snapshot().unknown.length === 0)
      await clock.advance(100);
    expect(a.coordinator.snapshot().unknown).toMatchObject([lost]);
    settle();
    const { errors, abandoned } = await cluster.run(down);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/did not settle in volumeLost\(v\)/),
    ]);
    // Settled late, it counts as an unserveVolume: the volume is destroyed after it.
    expect(abandoned).toEqual([]);
  });

  it('is told by volumeLost to whoever has no unserveVolume', async () => {
    const cluster = new Cluster();
    const { calls, clock } = cluster;
    const a = cluster.peer('a', {
      unserveVolume: undefined!,
      signaledStart: () => clock.block(ttl),
      volumeLost: (_confMap, volume, { kind }) => {
        calls.push(`a ${kind} ${volume}`);
      },
    });
    await a.up(conf('a', { v: 'a', w: 'a' }));
    const { outcome, steps } = await a.down();
    expect(outcome).toBe('applied');
    expect(calls.slice(2)).toEqual(['a lost w', 'a lost v']);
    expect([...steps]).toMatchObject([
      { callback: 'signaledStart' },
      step('volumeLost', 'w'),
      step('volumeLost', 'v'),
    ]);
  });

  it('is told to whoever has no unserveVolume though its turn does not come', async () => {
    const cluster = new Cluster();
    const { calls, clock } = cluster;
    const tell = (name: string) => ({
      volumeLost: (_confMap: unknown, volume: string): void => {
        calls.push(`${name} loses ${volume}`);
      },
    });
    const a = cluster.peer('a', [
      { unserveVolume: () => clock.block(ttl), ...tell('first') },
      tell('last'),
    ]);
    await a.up(conf('a', { v: 'a', w: 'a' }));
    // The loss pre-empts the reload when the first one has let go of w.
    await a.reload(conf('a', { v: 'b', w: 'b' }));
    await clock.advance(ttl);
    expect(calls).toEqual(['last loses w', 'last loses v', 'first loses v']);
    expect(a.coordinator.snapshot().participants).toMatchObject([
      { served: [] },
      { served: [] },
    ]);
  });

  it.each([
    { onFailure: 'rollback', takenBack: ['x', 'w'] },
    { onFailure: 'isolate', takenBack: ['x'] },
  ] as const)(
    'is told as lost where $onFailure takes it back, and the rest by a transition of its own',
    async ({ onFailure, takenBack }) => {
      const cluster = new Cluster();
      const { calls, clock } = cluster;
      const a = cluster.peer(
        'a',
        [
          {
            serveVolume: () => {},
            unserveVolume: (_confMap, volume, { kind }) => {
              calls.push(`store ${kind} ${volume}`);
            },
          },
          {
            serveVolume: (_confMap, volume) => {
              if (volume !== 'x') return;
              clock.block(ttl);
              throw new Error('broken');
            },
          },
        ],
        { onFailure },
      );
      await a.up(conf('a', { v: 'a' }));
      const { steps } = await a.reload(conf('a', { v: 'a', w: 'a', x: 'a' }));
      await clock.advance(10);
      expect(calls).toEqual(['store lost x', 'store lost w', 'store lost v']);
      const back = [...steps].filter(
        ({ callback }) => callback === 'unserveVolume',
      );
      expect(back.map(({ target }) => target)).toEqual(takenBack);
    },
  );
});
