import { describe, expect, it } from 'vitest';
import { Cluster, conf, ttl, type Peer } from './cluster.js';

/** The transitions of a peer in the order in which they began and ended. */
function transitionsOf({ events }: Peer): string[] {
  return events.flatMap((event) => {
    if (event.type === 'transitionStarted') return [`${event.kind} begins`];
    if (event.type !== 'transitionEnded') return [];
    const { kind, outcome } = event.report;
    return [`${kind} ${outcome}`];
  });
}

/** The process stood still for so long that the session is over. */
function loseAll({ clock }: Cluster, { coordinator }: Peer): void {
  clock.block(ttl);
  expect(coordinator.leaseOf('v')).toBeUndefined();
}

/** A peer whose unserveVolume for one volume takes until it is let go. */
function peerThatHolds(cluster: Cluster, held: string) {
  let letGo = (): void => {};
  const peer = cluster.peer('a', {
    unserveVolume: (_confMap, volume, { kind }) => {
      cluster.calls.push(`a ${kind} ${volume}`);
      if (volume !== held) return undefined;
      return new Promise<void>((resolve) => {
        letGo = resolve;
      });
    },
  });
  return { peer, letGo: () => letGo() };
}

describe('what is lost while a peer goes down', () => {
  it('is told as lost by a Down right after the loss', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a');
    await a.up(conf('a', { v: 'a', w: 'a' }));
    loseAll(cluster, a);
    expect((await a.down()).outcome).toBe('applied');
    expect(cluster.calls).toEqual([
      'a serve v',
      'a serve w',
      'a lose w',
      'a lose v',
    ]);
    expect(transitionsOf(a).slice(2)).toEqual([
      'lost begins',
      // Pre-empted before its first step.
      'lost failed',
      'lost begins',
      'lost applied',
      'down begins',
      'down applied',
    ]);
    // It is not claimed again by a peer that goes.
    await cluster.clock.advance(3 * ttl);
    expect(cluster.store.list().held).toEqual([]);
  });

  it('is told as lost where a Down pre-empts the telling', async () => {
    const cluster = new Cluster();
    const { calls, clock } = cluster;
    let isLetGo = (): void => {};
    const a = cluster.peer('a', {
      volumeLost: (_confMap, volume, { kind }) => {
        calls.push(`a ${kind} ${volume}`);
        if (volume === 'v') return undefined;
        return new Promise<void>((resolve) => {
          isLetGo = resolve;
        });
      },
    });
    await a.up(conf('a', { v: 'a', w: 'a', x: 'a' }));
    cluster.store.remove('v');
    cluster.store.remove('w');
    await clock.advance(10);
    const down = a.coordinator.down('test');
    await clock.advance(10);
    isLetGo();
    expect((await cluster.run(down)).outcome).toBe('applied');
    expect(calls.slice(3)).toEqual(['a lost w', 'a lost v', 'a unserve x']);
  });

  it('is told as lost, and by one transition at a time, where the loss has pre-empted a reload', async () => {
    const cluster = new Cluster();
    const { clock, calls } = cluster;
    let goOn = (): void => {};
    const a = cluster.peer('a', {
      volumeCreated: (_confMap, volume) =>
        volume === 'x'
          ? new Promise<void>((resolve) => {
              goOn = resolve;
            })
          : undefined,
    });
    await a.up(conf('a', { v: 'a', w: 'a' }));
    const reload = a.coordinator.signaled({
      load: () => conf('a', { v: 'a', w: 'a', x: 'a' }),
      reason: 'test',
    });
    await clock.advance(10);
    cluster.store.remove('v');
    await clock.advance(10);
    const down = a.coordinator.down('test');
    await clock.advance(10);
    goOn();
    await cluster.run(down);
    expect((await cluster.run(reload)).outcome).toBe('rejected');
    expect(calls.slice(2)).toEqual(['a lose v', 'a unserve w']);
    expect(transitionsOf(a).slice(2)).toEqual([
      'signaled begins',
      'signaled superseded',
      'lost begins',
      'lost applied',
      'down begins',
      'down applied',
    ]);
  });

  it('is told as lost by a Down that runs, as of the moment in which its turn comes', async () => {
    const cluster = new Cluster();
    const { calls, clock } = cluster;
    const a = cluster.peer('a', {
      unserveVolume: (_confMap, volume, { kind }) => {
        calls.push(`a ${kind} ${volume}`);
        // Nobody has looked at the clocks when the next step begins.
        if (volume === 'x') clock.block(ttl);
      },
    });
    await a.up(conf('a', { v: 'a', w: 'a', x: 'a' }));
    const steps = a.events.length;
    expect((await a.down()).outcome).toBe('applied');
    expect(calls.slice(3)).toEqual(['a down x', 'a lost w', 'a lost v']);
    const lost = a.events
      .slice(steps)
      .filter(({ type }) => type === 'leasesLost');
    expect(lost).toMatchObject([{ volumes: ['v', 'w', 'x'] }]);
  });

  it('is told by volumeLost where that is there, and what fails of it says so', async () => {
    const cluster = new Cluster();
    const { calls, clock } = cluster;
    const a = cluster.peer('a', {
      unserveVolume: (_confMap, volume, { kind }) => {
        calls.push(`a unserve ${kind} ${volume}`);
        clock.block(ttl);
      },
      volumeLost: async (_confMap, volume, { kind }) => {
        calls.push(`a lose ${kind} ${volume}`);
        if (volume === 'v') throw new Error('still writing');
      },
    });
    await a.up(conf('a', { v: 'a', w: 'a' }));
    const { outcome, errors } = await a.down();
    expect(calls.slice(2)).toEqual(['a unserve down w', 'a lose lost v']);
    expect(outcome).toBe('failed');
    expect(errors[0]?.message).toMatch(
      /failed in volumeLost\(v\): still writing/,
    );
  });

  it('is told in the time of the Down, however long a callback takes', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a', {
      volumeLost: () => new Promise<void>(() => {}),
      down: () => {
        cluster.calls.push('a down');
      },
    });
    await a.up(conf('a', { v: 'a' }));
    loseAll(cluster, a);
    const begun = cluster.clock.now();
    expect((await a.down()).outcome).toBe('failed');
    expect(cluster.clock.now() - begun).toBeLessThanOrEqual(25_000);
    expect(cluster.calls).toEqual(['a serve v', 'a down']);
  });

  it('is told at once while the peer retires, and not claimed again', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a');
    await a.up(conf('a', { v: 'a', w: 'a' }));
    a.coordinator.retire();
    cluster.store.remove('v');
    await cluster.clock.advance(10);
    expect(cluster.calls.slice(2)).toEqual(['a lose v']);
    await cluster.clock.advance(3 * ttl);
    expect(cluster.store.list().held.map(({ volume }) => volume)).toEqual([
      'w',
    ]);
    await a.down();
    expect(cluster.calls.slice(3)).toEqual(['a unserve w']);
  });

  it('is told when its turn comes, where the peer began to retire before', async () => {
    const cluster = new Cluster();
    const { calls, clock } = cluster;
    const { peer: a, letGo } = peerThatHolds(cluster, 'w');
    await a.up(conf('a', { v: 'a', w: 'a' }));
    const failed = a.coordinator.fail('w', new Error('broken'));
    await clock.advance(10);
    cluster.store.remove('v');
    await clock.advance(10);
    a.coordinator.retire();
    letGo();
    await cluster.run(failed);
    await clock.advance(10);
    expect(calls.slice(2)).toEqual(['a signaled w', 'a lost v']);
  });

  it('is told as lost by a Down that comes while something else has its turn', async () => {
    const cluster = new Cluster();
    const { calls, clock } = cluster;
    const { peer: a, letGo } = peerThatHolds(cluster, 'w');
    await a.up(conf('a', { v: 'a', w: 'a', x: 'a' }));
    const failed = a.coordinator.fail('w', new Error('broken'));
    await clock.advance(10);
    cluster.store.remove('v');
    await clock.advance(10);
    const down = a.coordinator.down('test');
    await clock.advance(10);
    letGo();
    await cluster.run(Promise.all([failed, down]));
    expect(calls.slice(3)).toEqual(['a signaled w', 'a lost v', 'a down x']);
  });
});
