import * as fc from 'fast-check';
import type { TransitionCallbacks } from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { Cluster, conf, ttl, type Peer } from './cluster.js';

const names = ['a', 'b', 'c'] as const;
const volumes = ['u', 'v', 'w'] as const;

type PeerName = (typeof names)[number];
type Placed = Readonly<Record<(typeof volumes)[number], PeerName>>;

const peerName = fc.constantFrom(...names);
const placed: fc.Arbitrary<Placed> = fc.record({
  u: peerName,
  v: peerName,
  w: peerName,
});

/** What happens to a cluster, one after the other. */
type Happening =
  | { readonly reload: PeerName; readonly placed: Placed }
  | {
      readonly link: PeerName;
      readonly is: 'up' | 'refused' | 'silent' | 'deaf';
    }
  | { readonly store: 'restart' | 'stall' | 'compact' }
  | { readonly remove: (typeof volumes)[number] }
  | { readonly fault: PeerName; readonly in: 'serveVolume' | 'unserveVolume' }
  /** Right after its next unserveVolume all processes stand still. */
  | { readonly stopAfterUnserving: PeerName }
  | { readonly down: PeerName }
  | { readonly passes: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ reload: peerName, placed }) },
  {
    weight: 2,
    arbitrary: fc.record({
      link: peerName,
      is: fc.constantFrom('up', 'up', 'refused', 'silent', 'deaf'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      store: fc.constantFrom('restart', 'stall', 'compact'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ remove: fc.constantFrom(...volumes) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      fault: peerName,
      in: fc.constantFrom('serveVolume', 'unserveVolume'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ stopAfterUnserving: peerName }),
  },
  { weight: 1, arbitrary: fc.record({ down: peerName }) },
  {
    weight: 4,
    arbitrary: fc.record({ passes: fc.integer({ min: 0, max: 15_000 }) }),
  },
);

/** Three peers, and what must hold of them at each moment. */
class History {
  readonly cluster = new Cluster();
  /** What did not hold. */
  readonly violations: string[] = [];
  private readonly faults = new Set<string>();
  private readonly lastTokens = new Map<string, bigint>();
  readonly peers: Record<PeerName, Peer>;

  constructor(private readonly toldIn: Set<string>) {
    this.peers = {
      a: this.peer('a'),
      b: this.peer('b'),
      c: this.peer('c'),
    };
  }

  /** A process of a peer. */
  private peer(name: PeerName): Peer {
    const store: TransitionCallbacks = {
      serveVolume: (_confMap, volume, context) => {
        context.assertHeld();
        this.checkAlone(volume, name);
        const { fencingToken: token = 0n } = context;
        const last = this.lastTokens.get(volume) ?? 0n;
        if (token <= last) {
          this.violations.push(`${volume} has token ${token} after ${last}`);
        }
        this.lastTokens.set(volume, token);
        this.failIf(`${name} serveVolume`);
      },
      unserveVolume: async (_confMap, volume, { kind }) => {
        const isHeld = peer.coordinator.leaseOf(volume) !== undefined;
        if (isHeld === (kind === 'lost')) {
          const how = isHeld ? 'held' : 'lost';
          this.violations.push(`${volume} is ${how}, and told as ${kind}`);
        }
        const { kind: running } = peer.coordinator.snapshot().running ?? {};
        if (kind === 'lost') this.toldIn.add(`${running}`);
        // As long as it is under way, nobody else has the volume.
        await new Promise<void>((resolve) => {
          this.cluster.clock.startTimer(resolve, 50);
        });
        if (this.faults.delete(`${name} stop`)) this.cluster.clock.block(ttl);
        this.failIf(`${name} unserveVolume`);
      },
    };
    const cache: TransitionCallbacks = {
      volumeToBeUnserved() {},
      serveVolume() {},
      unserveVolume() {},
      volumeLost() {},
    };
    const peer = this.cluster.peer(name, [store, cache]);
    return peer;
  }

  async happens(what: Happening): Promise<void> {
    const { cluster, peers } = this;
    if ('reload' in what) {
      void peers[what.reload].coordinator.signaled({
        load: () => conf(what.reload, what.placed),
        reason: 'test',
      });
      await cluster.clock.advance(10);
    } else if ('link' in what) peers[what.link].leases.link = what.is;
    else if ('store' in what) {
      if (what.store === 'stall') await this.standStill();
      cluster.store[what.store]();
    } else if ('remove' in what) await this.remove(what.remove);
    else if ('fault' in what) this.faults.add(`${what.fault} ${what.in}`);
    else if ('stopAfterUnserving' in what)
      this.faults.add(`${what.stopAfterUnserving} stop`);
    else if ('down' in what) void peers[what.down].coordinator.down('test');
    else await cluster.clock.advance(what.passes);
    for (const volume of volumes) this.checkAlone(volume);
    for (const name of names) await peers[name].harness.checkAfter(0);
  }

  /** The store answers nobody for longer than any session lives. */
  private async standStill(): Promise<void> {
    const links = names.map((name) => this.peers[name].leases);
    const before = links.map(({ link }) => link);
    for (const each of links) each.link = 'silent';
    await this.cluster.clock.advance(ttl);
    for (const [index, each] of links.entries()) each.link = before[index]!;
  }

  /**
   * An operator deletes a key. That takes a volume from under a peer that cannot
   * hear of it, which nothing but the resource can prevent: so all must hear.
   */
  private async remove(volume: string): Promise<void> {
    const { cluster, peers } = this;
    if (names.some((name) => peers[name].leases.link !== 'up')) return;
    cluster.store.remove(volume);
    await cluster.clock.advance(0);
  }

  /** At most one peer may use a volume at any moment. */
  private checkAlone(volume: string, own?: PeerName): void {
    const holders = names.filter(
      (name) => this.peers[name].coordinator.leaseOf(volume) !== undefined,
    );
    if (holders.length > 1 || (own !== undefined && holders[0] !== own)) {
      this.violations.push(
        `${volume} is used by ${holders.join(' and ')}${own === undefined ? '' : `, and served by ${own}`}`,
      );
    }
  }

  /** All faults end; resolves to how each peer is in the end. */
  async heal(goal: Placed): Promise<object> {
    const { cluster, peers } = this;
    this.faults.clear();
    for (const name of names) peers[name].leases.link = 'up';
    for (const name of names) await this.startAgain(name, goal);
    await cluster.clock.advance(4 * ttl);
    for (const name of names) await peers[name].reload(conf(name, goal));
    await cluster.clock.advance(6 * ttl);
    return Object.fromEntries(
      names.map((name) => [name, endOf(peers[name])] as const),
    );
  }

  /** Whoever went down ends, and what it could not let go of with it. */
  private async startAgain(name: PeerName, goal: Placed): Promise<void> {
    const { peers } = this;
    if (peers[name].coordinator.snapshot().lifecycle === 'up') return;
    await peers[name].down();
    peers[name].leases.link = 'silent';
    peers[name] = this.peer(name);
    await peers[name].up(conf(name, goal));
  }

  private failIf(fault: string): void {
    if (this.faults.delete(fault)) throw new Error(fault);
  }
}

/** Of a peer, at the end. */
function endOf({ coordinator }: Peer): object {
  const { waiting, failed, unknown, degraded, participants } =
    coordinator.snapshot();
  const { isHealthy } = coordinator;
  const held = volumes.filter(
    (volume) => coordinator.leaseOf(volume) !== undefined,
  );
  const { served } = participants[0]!;
  return { waiting, failed, unknown, degraded, isHealthy, served, held };
}

/** What that has to be. */
function wellEnded(goal: Placed): object {
  return Object.fromEntries(
    names.map((name) => {
      const own = volumes.filter((volume) => goal[volume] === name);
      const nothing = { waiting: [], failed: [], unknown: [], degraded: false };
      return [name, { ...nothing, isHealthy: true, served: own, held: own }];
    }),
  );
}

const isLong = process.env['TRANSITIONS_TEST_LONG'] === '1';

it(
  'I32 I33 I36 I38 whatever happens to peers and store, one peer at most uses a volume, and all is as configured when it is over',
  async () => {
    // In which kinds of transition losses were told.
    const toldIn = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        placed,
        fc.array(happening, { maxLength: 25 }),
        placed,
        async (first, happenings, last) => {
          const history = new History(toldIn);
          for (const name of names) {
            await history.peers[name].up(conf(name, first));
          }
          for (const each of happenings) await history.happens(each);
          expect(await history.heal(last)).toEqual(wellEnded(last));
          expect(history.violations).toEqual([]);
        },
      ),
      {
        numRuns: isLong ? 5_000 : 100,
        ...(isLong ? {} : { seed: 1 }),
      },
    );
    expect([...toldIn].sort()).toEqual(['down', 'lost', 'signaled']);
  },
  isLong ? 3_600_000 : 60_000,
);
