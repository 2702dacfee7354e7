import {
  LeaseLostError,
  type TransitionCallbacks,
  type TransitionContext,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { Cluster, conf, ttl, type Peer } from './cluster.js';

interface Served {
  readonly cluster: Cluster;
  readonly a: Peer;
}

/**
 * A store, and a cache after it. The first time that the cache is to serve v, the
 * volume is taken from this peer in the middle of it, and the cache finds that out.
 */
function peerThatLoses(take: (cluster: Cluster) => void): Served {
  const cluster = new Cluster();
  const { calls, clock } = cluster;
  const noting = (participant: string): TransitionCallbacks => ({
    serveVolume: (_confMap, volume) =>
      void calls.push(`${participant} serve ${volume}`),
    volumeLost: (_confMap, volume) =>
      void calls.push(`${participant} lose ${volume}`),
  });
  const store = noting('store');
  const cache = noting('cache');
  let isFirst = true;
  const serveVolume = async (
    _confMap: unknown,
    volume: string,
    context: TransitionContext,
  ): Promise<void> => {
    if (isFirst && volume === 'v') {
      isFirst = false;
      take(cluster);
      await new Promise<void>((resolve) => {
        clock.startTimer(resolve, 100);
      });
    }
    context.assertHeld();
    calls.push(`cache serve ${volume}`);
  };
  const a = cluster.peer('a', [store, { ...cache, serveVolume }]);
  return { cluster, a };
}

const ways: readonly (readonly [string, (cluster: Cluster) => void])[] = [
  ['taken by hand', ({ store }) => store.remove('v')],
  ['lost with the session', ({ store }) => store.revoke('session-1')],
];

describe('a volume that is lost while it is served, and whose participant says so', () => {
  it.each(ways)(
    'does not fail a boot where it was %s: it is lost, and served when it is free (F77)',
    async (_how, take) => {
      const { cluster, a } = peerThatLoses(take);
      const report = await a.up(conf('a', { v: 'a', w: 'a' }));
      expect(report).toMatchObject({ outcome: 'applied', errors: [] });
      expect(cluster.calls).not.toContain('cache serve v');
      await cluster.clock.advance(2 * ttl);
      expect(cluster.calls).toContain('store lose v');
      expect(cluster.calls).not.toContain('cache lose v');
      expect(cluster.calls).toContain('cache serve v');
      expect(a.coordinator.isHealthy).toBe(true);
      expect(a.coordinator.snapshot()).toMatchObject({
        waiting: [],
        failed: [],
        degraded: false,
      });
    },
  );

  it('is not set aside where it was waited for, but lost, and waited for again', async () => {
    const { cluster, a } = peerThatLoses(({ store }) => store.remove('v'));
    cluster.store.overwrite('v', 'b');
    await a.up(conf('a', { v: 'a', w: 'a' }));
    cluster.store.remove('v');
    await cluster.clock.advance(3 * ttl);
    const ends = a.events.filter((event) => event.type === 'transitionEnded');
    expect(ends.map(({ report }) => [report.reason, report.outcome])).toEqual([
      ['test', 'applied'],
      ['free v', 'applied'],
      ['lost v', 'applied'],
      ['free v', 'applied'],
    ]);
    expect(ends.flatMap(({ report }) => report.errors)).toEqual([]);
    expect(cluster.calls.filter((call) => call.endsWith(' v'))).toEqual([
      'store serve v',
      'store lose v',
      'store serve v',
      'cache serve v',
    ]);
    expect(a.coordinator.isHealthy).toBe(true);
  });

  it('fails a boot as ever where what was thrown is something else', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a', {
      serveVolume: () => {
        cluster.store.remove('v');
        throw new Error('no disk');
      },
    });
    const report = await a.up(conf('a', { v: 'a' }));
    expect(report.outcome).toBe('rolledBack');
  });

  it('fails a boot as ever where it is still held', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a', {
      serveVolume: () => Promise.reject(new LeaseLostError('v', undefined)),
    });
    const report = await a.up(conf('a', { v: 'a' }));
    expect(report.outcome).toBe('rolledBack');
    expect(cluster.store.list().held).toEqual([]);
  });
});
