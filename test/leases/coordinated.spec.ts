import { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it, vi } from 'vitest';
import { Cluster, conf, ttl, type Peer } from './cluster.js';

describe('two peers with leases', () => {
  it('I36 F62 a volume that moves is served by the second when the first has let go, whoever reloads first', async () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.peer('a'), cluster.peer('b')];
    await a.up(conf('a', { v: 'a', w: 'a' }));
    await b.up(conf('b', { v: 'a', w: 'a' }));
    const early = await b.reload(conf('b', { v: 'b', w: 'a' }));
    expect(early).toMatchObject({
      outcome: 'applied',
      waiting: [{ volume: 'v', holder: 'a' }],
    });
    expect(b.coordinator.isHealthy).toBe(true);
    expect(b.coordinator.snapshot()).toMatchObject({
      degraded: false,
      waiting: [{ volume: 'v', holder: 'a' }],
    });
    await a.reload(conf('a', { v: 'b', w: 'a' }));
    await cluster.clock.advance(ttl);
    expect(cluster.calls).toEqual([
      'a serve v',
      'a serve w',
      'a unserve v',
      'b serve v',
    ]);
    expect(b.tokens.get('v')).toBeGreaterThan(a.tokens.get('v')!);
    expect(b.coordinator.snapshot()).toMatchObject({ waiting: [], failed: [] });
    expect(a.coordinator.leaseOf('v')).toBeUndefined();
    expect(b.coordinator.leaseOf('v')?.token).toBe(b.tokens.get('v'));
    await a.down();
    await b.down();
    expect(cluster.store.list().held).toEqual([]);
  });

  it('F68 who serves next is told who had it, how that ended, and what was noted', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a', {
      unserveVolume: async (_confMap, volume) => `up to block 7 of ${volume}`,
    });
    const seen: unknown[] = [];
    const b = cluster.peer('b', {
      serveVolume: (_confMap, _volume, { predecessor }) => {
        seen.push(predecessor);
      },
    });
    await a.up(conf('a', { v: 'a' }));
    const { token } = a.coordinator.leaseOf('v')!;
    await b.up(conf('b', { v: 'a' }));
    await a.reload(conf('a', { v: 'b' }));
    await b.reload(conf('b', { v: 'b' }));
    expect(seen).toEqual([
      { owner: 'a', token, end: 'released', note: 'up to block 7 of v' },
    ]);
    expect(b.coordinator.leaseOf('v')!.token).toBeGreaterThan(token);
  });

  it('what was noted before a volume was served again is not told', async () => {
    const cluster = new Cluster();
    const notes = ['moved', undefined];
    const a = cluster.peer('a', { unserveVolume: async () => notes.shift() });
    const seen: unknown[] = [];
    const b = cluster.peer('b', {
      serveVolume: (_confMap, _volume, { predecessor }) => {
        seen.push(predecessor?.note);
      },
    });
    await a.up(conf('a', { v: 'a' }));
    const inOtherGroup = conf('a', { v: 'a' }).dump().replaceAll('G-v', 'H-v');
    await a.reload(ConfMap.parse(inOtherGroup));
    expect(notes).toEqual([undefined]);
    await b.up(conf('b', { v: 'a' }));
    await a.reload(conf('a', { v: 'b' }));
    await b.reload(conf('b', { v: 'b' }));
    expect(notes).toEqual([]);
    expect(seen).toEqual(['']);
  });

  it('F63 what a dead peer held is served when its time is over, and not before', async () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.peer('a'), cluster.peer('b')];
    await a.up(conf('a', { v: 'a' }));
    await b.up(conf('b', { v: 'b' }));
    expect(b.coordinator.leaseOf('v')).toBeUndefined();
    a.leases.link = 'silent';
    const seenAt: number[] = [];
    while (b.coordinator.leaseOf('v') === undefined) {
      await cluster.clock.advance(100);
      seenAt.push(cluster.clock.now());
    }
    expect(seenAt.at(-1)).toBeGreaterThan(ttl * 0.8);
    expect(seenAt.at(-1)).toBeLessThan(2 * ttl);
    // Long before, the other one had stopped by itself.
    expect(cluster.calls).toEqual(['a serve v', 'a lose v', 'b serve v']);
  });

  it('I34 a process that was stopped and goes on holds nothing, before any timer fires', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a');
    await a.up(conf('a', { v: 'a' }));
    const first = a.tokens.get('v')!;
    cluster.clock.block(ttl);
    expect(a.coordinator.leaseOf('v')).toBeUndefined();
    expect(a.coordinator.isHealthy).toBe(false);
    await cluster.clock.advance(ttl);
    expect(cluster.calls).toEqual(['a serve v', 'a lose v', 'a serve v']);
    expect(a.tokens.get('v')).toBeGreaterThan(first);
    expect(a.coordinator.isHealthy).toBe(true);
    expect(a.events.filter(({ type }) => type === 'leasesLost')).toEqual([
      { type: 'leasesLost', volumes: ['v'], reason: 'deadline' },
    ]);
  });

  it('volumeLost is called where there is one, in reverse order, with kind lost and nothing around it', async () => {
    const cluster = new Cluster();
    const calls: string[] = [];
    const a = cluster.peer('a', {
      volumeLost: (_confMap, volume, { kind }) => {
        calls.push(`${kind} ${volume}`);
      },
      signaledStart: () => {
        calls.push('start');
      },
    });
    await a.up(conf('a', { v: 'a', w: 'a' }));
    cluster.store.revoke('session-1');
    await cluster.clock.advance(ttl);
    expect(calls).toEqual(['lost w', 'lost v']);
    const reports = a.events.flatMap((event) =>
      event.type === 'transitionEnded' ? [event.report] : [],
    );
    expect(
      reports.map(({ kind, outcome, errors }) => [kind, outcome, errors]),
    ).toEqual([
      ['up', 'applied', []],
      ['lost', 'applied', []],
      ['signaled', 'applied', []],
    ]);
    expect(a.coordinator.isHealthy).toBe(true);
  });

  it('I36 what could not be let go is not released: nobody else gets it', async () => {
    const cluster = new Cluster();
    let isStuck = true;
    const a = cluster.peer('a', {
      unserveVolume: () => {
        if (isStuck) throw new Error('still writing');
      },
    });
    const b = cluster.peer('b');
    await a.up(conf('a', { v: 'a' }));
    await b.up(conf('b', { v: 'b' }));
    const report = await a.reload(conf('a', { v: 'b' }));
    expect(report.outcome).toBe('rolledBack');
    await cluster.clock.advance(3 * ttl);
    expect(b.coordinator.snapshot().waiting).toMatchObject([{ holder: 'a' }]);
    isStuck = false;
    expect((await a.reload(conf('a', { v: 'b' }))).outcome).toBe('applied');
    await cluster.clock.advance(ttl);
    expect(b.coordinator.leaseOf('v')).toBeDefined();
  });

  it.each([
    {
      when: 'while nothing runs',
      outcome: undefined,
      whileSettling: async (_a: Peer, settle: () => void) => {
        settle();
        return undefined;
      },
    },
    {
      when: 'during a reload that is refused',
      outcome: 'rejected',
      whileSettling: (a: Peer, settle: () => void) =>
        a.offer('signaled', () => {
          settle();
          throw new Error('no such file');
        }),
    },
    {
      when: 'during a dry run',
      outcome: 'applied',
      whileSettling: (a: Peer, settle: () => void) =>
        a.offer('dryRun', () => {
          settle();
          return conf('a', { v: 'a' });
        }),
    },
  ])(
    'I36 what is let go of after all, $when, is free then',
    async ({ outcome, whileSettling }) => {
      const cluster = new Cluster();
      let settle = (): void => {};
      const a = cluster.peer('a', {
        unserveVolume: () =>
          new Promise<void>((resolve) => {
            settle = resolve;
          }),
      });
      const b = cluster.peer('b');
      await a.up(conf('a', { v: 'a' }));
      await b.up(conf('b', { v: 'b' }));
      const report = await a.reload(conf('a', { v: 'b' }));
      expect(report.outcome).toBe('degraded');
      await cluster.clock.advance(3 * ttl);
      expect(b.coordinator.leaseOf('v')).toBeUndefined();
      const ended = await whileSettling(a, settle);
      expect(ended?.outcome).toBe(outcome);
      await cluster.clock.advance(ttl);
      expect(a.coordinator.snapshot().unknown).toEqual([]);
      expect(b.coordinator.leaseOf('v')).toBeDefined();
    },
  );

  it('a rollback serves again what is still ours, with a new token, and leaves what another has taken', async () => {
    const cluster = new Cluster();
    let fails = true;
    const a = cluster.peer('a', {
      volumeMoved: () => {
        if (fails) throw new Error('cannot move');
      },
      volumeCreated: (_confMap, volume) => {
        if (fails && volume === 'x') throw new Error('cannot create');
      },
    });
    const b = cluster.peer('b');
    await a.up(conf('a', { v: 'a', w: 'a' }));
    await b.up(conf('b', { v: 'b', w: 'a' }));
    const before = a.coordinator.leaseOf('w')!.token;
    // v leaves and is taken at once; w stays; x cannot be served.
    const slow = a.reload(
      ConfMap.fromObject({
        ...conf('a', { v: 'b', w: 'a' }).toObject(),
        'VolumeGroup:G-w': { VolumeList: [], PrimaryPeer: 'a' },
        'VolumeGroup:G-z': { VolumeList: 'w', PrimaryPeer: 'a' },
        FSGlobals: { VolumeGroupList: ['G-v', 'G-w', 'G-z'] },
      }),
    );
    expect((await slow).outcome).toBe('rolledBack');
    expect(a.coordinator.leaseOf('w')!.token).toBeGreaterThan(before);
    fails = false;
    await cluster.clock.advance(ttl);
    const holders = cluster.store
      .list()
      .held.map(({ volume, owner }) => [volume, owner]);
    expect(holders).toEqual([
      ['v', a.coordinator.leaseOf('v') === undefined ? 'b' : 'a'],
      ['w', 'a'],
    ]);
    expect(a.coordinator.snapshot().degraded).toBe(false);
  });

  it('a loss pre-empts a reload, which goes on after it from what is held', async () => {
    const cluster = new Cluster();
    const release: (() => void)[] = [];
    const a = cluster.peer('a', {
      volumeCreated: (_confMap, volume) =>
        volume === 'x'
          ? new Promise<void>((resolve) => {
              release.push(resolve);
            })
          : undefined,
    });
    await a.up(conf('a', { v: 'a' }));
    const reload = a.coordinator.signaled({
      load: () => conf('a', { v: 'a', x: 'a' }),
      reason: 'test',
    });
    await cluster.clock.advance(10);
    cluster.store.revoke('session-1');
    await cluster.clock.advance(ttl);
    expect(cluster.calls).toEqual(['a serve v']);
    release[0]!();
    const report = await cluster.run(reload);
    expect(report).toMatchObject({ outcome: 'applied', configuration: 'new' });
    await cluster.clock.advance(ttl);
    expect(cluster.calls.toSorted()).toEqual(
      ['a lose v', 'a serve v', 'a serve v', 'a serve x'].toSorted(),
    );
    expect(a.coordinator.isHealthy).toBe(true);
    expect(cluster.store.list().held.map(({ volume }) => volume)).toEqual([
      'v',
      'x',
    ]);
  });

  it.each([
    {
      what: 'a reload',
      ask: ({ coordinator }: Peer) =>
        coordinator.signaled({
          load: () => conf('a', { v: 'b', w: 'a' }),
          reason: 'test',
        }),
    },
    {
      what: 'a fail',
      ask: ({ coordinator }: Peer) =>
        coordinator.fail('v', new Error('broken too')),
    },
  ])(
    'what is lost while $what waits for its turn is lost before that runs',
    async ({ ask }) => {
      const cluster = new Cluster();
      const { calls, clock } = cluster;
      let letGo = (): void => {};
      const a = cluster.peer('a', {
        unserveVolume: (_confMap, volume, { kind }) => {
          calls.push(`a ${kind === 'lost' ? 'lose' : 'unserve'} ${volume}`);
          if (volume !== 'w') return undefined;
          return new Promise<void>((resolve) => {
            letGo = resolve;
          });
        },
      });
      await a.up(conf('a', { v: 'a', w: 'a' }));
      const failed = a.coordinator.fail('w', new Error('broken'));
      await clock.advance(10);
      const asked = ask(a);
      cluster.store.remove('v');
      await clock.advance(10);
      letGo();
      await cluster.run(Promise.all([failed, asked]));
      expect(calls.filter((call) => call.endsWith('v')).slice(0, 2)).toEqual([
        'a serve v',
        'a lose v',
      ]);
      expect(calls).not.toContain('a unserve v');
    },
  );

  it('F67 a boot comes up without what is lost meanwhile, and serves it when it is free again', async () => {
    const cluster = new Cluster();
    const { clock, store, calls } = cluster;
    let isFirst = true;
    const a = cluster.peer('a', {
      serveVolume: async (_confMap, volume) => {
        calls.push(`a serve ${volume}`);
        if (!isFirst) return;
        isFirst = false;
        store.remove('w');
        await new Promise<void>((resolve) => {
          clock.startTimer(resolve, ttl / 2);
        });
      },
    });
    const report = await a.up(conf('a', { v: 'a', w: 'a', x: 'a' }));
    expect(report).toMatchObject({ outcome: 'applied', configuration: 'new' });
    expect(calls).toEqual(['a serve v', 'a serve x']);
    await clock.advance(2 * ttl);
    expect(calls).toEqual(['a serve v', 'a serve x', 'a serve w']);
    expect(a.coordinator.isHealthy).toBe(true);
    expect(a.coordinator.snapshot()).toMatchObject({ waiting: [], failed: [] });
  });

  it('F71 a boot without a store comes up, serves nothing, and does when the store is there', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a');
    a.leases.link = 'refused';
    const report = await a.up(conf('a', { v: 'a' }));
    expect(report).toMatchObject({
      outcome: 'applied',
      waiting: [{ volume: 'v', holder: undefined }],
    });
    expect(a.coordinator.isHealthy).toBe(false);
    expect(cluster.calls).toEqual([]);
    a.leases.link = 'up';
    await cluster.clock.advance(2 * ttl);
    expect(cluster.calls).toEqual(['a serve v']);
    expect(a.coordinator.isHealthy).toBe(true);
  });

  it('a configuration that takes a waiting volume away ends the waiting', async () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.peer('a'), cluster.peer('b')];
    await a.up(conf('a', { v: 'a' }));
    await b.up(conf('b', { v: 'b' }));
    expect((await b.reload(conf('b', { v: 'a' }))).waiting).toEqual([]);
    await a.down();
    await cluster.clock.advance(3 * ttl);
    expect(cluster.calls).toEqual(['a serve v', 'a unserve v']);
    expect(cluster.store.list().held).toEqual([]);
  });

  it('what a Down has unserved is free at once, in one call, while its participants go down', async () => {
    const cluster = new Cluster();
    const release = vi.spyOn(cluster.store, 'release');
    const endInOrder = vi.spyOn(cluster.store, 'endSessionInOrder');
    let gone = (): void => {};
    const a = cluster.peer('a', {
      down: () =>
        new Promise<void>((resolve) => {
          gone = resolve;
        }),
    });
    const b = cluster.peer('b');
    await a.up(conf('a', { v: 'a', w: 'a' }));
    await b.up(conf('b', { v: 'b', w: 'b' }));
    const down = a.coordinator.down('test');
    await cluster.clock.advance(100);
    expect(cluster.calls.slice(-2)).toEqual(['b serve v', 'b serve w']);
    expect(endInOrder).toHaveBeenCalledTimes(1);
    expect(release).not.toHaveBeenCalled();
    expect(a.coordinator.snapshot().lifecycle).toBe('goingDown');
    gone();
    await cluster.run(down);
  });

  it('I36 a Down that could not unserve a volume keeps it, and releases the others', async () => {
    const cluster = new Cluster();
    const a = cluster.peer('a', {
      unserveVolume: (_confMap, volume) => {
        if (volume === 'v') throw new Error('still writing');
      },
    });
    const seen: unknown[] = [];
    const b = cluster.peer('b', {
      serveVolume: (_confMap, volume, { predecessor }) => {
        seen.push([volume, predecessor?.end]);
      },
    });
    await a.up(conf('a', { v: 'a', w: 'a', x: 'a' }));
    await b.up(conf('b', { v: 'b', w: 'b', x: 'b' }));
    await a.down();
    await cluster.clock.advance(3 * ttl);
    expect(seen).toEqual([
      ['w', 'released'],
      ['x', 'released'],
    ]);
    expect(b.coordinator.snapshot().waiting).toMatchObject([
      { volume: 'v', holder: 'a' },
    ]);
  });

  it('nobody is known of a volume that was lost to an operator, and what was let go of in a Down is released', async () => {
    const cluster = new Cluster();
    let isLetGo = (): void => {};
    const a = cluster.peer('a', {
      volumeLost: () =>
        new Promise<void>((resolve) => {
          isLetGo = resolve;
        }),
    });
    await a.up(conf('a', { v: 'a', w: 'a' }));
    cluster.store.remove('v');
    await cluster.clock.advance(10);
    const down = a.coordinator.down('test');
    await cluster.clock.advance(10);
    isLetGo();
    await cluster.run(down);
    const seen: unknown[] = [];
    const b = cluster.peer('b', {
      serveVolume: (_confMap, volume, { predecessor }) => {
        seen.push([volume, predecessor?.end]);
      },
    });
    await b.up(conf('b', { v: 'b', w: 'b' }));
    expect(seen).toEqual([
      ['v', undefined],
      ['w', 'released'],
    ]);
  });
});
