import {
  TransitionStateError,
  type TransitionCallbacks,
  type TransitionContext,
} from 'nestjs-transitions/core';
import { Cluster, conf, ttl, type Peer } from './cluster.js';
import {
  names,
  volumes,
  type Hanging,
  type Happening,
  type Kind,
  type PeerName,
  type Placed,
} from './happening.js';

/** Three peers, and what must hold of them at each moment. */
export class History {
  readonly cluster = new Cluster();
  /** What did not hold. */
  readonly violations: string[] = [];
  private readonly faults = new Set<string>();
  private readonly hangs = new Map<string, Hanging>();
  /** Of each volume the last token, and who had it. */
  private readonly last = new Map<string, { token: bigint; name: PeerName }>();
  readonly peers: Record<PeerName, Peer>;

  constructor(
    private readonly toldIn: Set<string>,
    private readonly kind: Kind,
  ) {
    this.peers = {
      a: this.peer('a'),
      b: this.peer('b'),
      c: this.peer('c'),
    };
  }

  /** A process of a peer. */
  private peer(name: PeerName): Peer {
    const { lacking, settings } = this.kind;
    const store = without(lacking.store, {
      serveVolume: (_confMap, volume, context) => {
        this.served(volume, name, context);
        this.failIf(`${name} serveVolume`);
        return this.hangIf(`${name} store serveVolume`);
      },
      unserveVolume: async (_confMap, volume, context) => {
        this.unserved(volume, peer, context);
        // As long as it is under way, nobody else has the volume.
        await this.pause(50);
        if (this.faults.delete(`${name} stop`)) this.cluster.clock.block(ttl);
        this.failIf(`${name} unserveVolume`);
        await this.hangIf(`${name} store unserveVolume`);
      },
      volumeLost: (_confMap, volume, context) => {
        this.unserved(volume, peer, context);
        return this.hangIf(`${name} store volumeLost`);
      },
    });
    const cache = without(lacking.cache, {
      volumeToBeUnserved() {},
      serveVolume: async (_confMap, _volume, context) => {
        await this.pause(30);
        await this.hangIf(`${name} cache serveVolume`);
        // It may have been lost meanwhile.
        context.assertHeld();
      },
      unserveVolume: () => this.hangIf(`${name} cache unserveVolume`),
      volumeLost: (_confMap, volume, context) => {
        this.unserved(volume, peer, context);
        return this.hangIf(`${name} cache volumeLost`);
      },
    });
    const peer = this.cluster.peer(name, [store, cache], settings);
    return peer;
  }

  private served(
    volume: string,
    name: PeerName,
    context: TransitionContext,
  ): void {
    context.assertHeld();
    this.checkAlone(volume, name);
    const { fencingToken: token = 0n } = context;
    const last = this.last.get(volume);
    // Where a part of a peer still serves it, the others use the same claim.
    const isNew = last === undefined || token > last.token;
    if (!isNew && (token < last.token || name !== last.name)) {
      this.violations.push(`${volume} has token ${token} after ${last.token}`);
    }
    this.last.set(volume, { token, name });
  }

  private unserved(
    volume: string,
    { coordinator }: Peer,
    { kind }: TransitionContext,
  ): void {
    const isHeld = coordinator.leaseOf(volume) !== undefined;
    if (isHeld === (kind === 'lost')) {
      const how = isHeld ? 'held' : 'lost';
      this.violations.push(`${volume} is ${how}, and told as ${kind}`);
    }
    const { kind: running } = coordinator.snapshot().running ?? {};
    if (kind === 'lost') this.toldIn.add(`${running}`);
  }

  async happens(what: Happening): Promise<void> {
    const { cluster, peers } = this;
    if ('reload' in what) {
      void peers[what.reload].coordinator.signaled({
        load: () => conf(what.reload, what.placed),
        reason: 'test',
        supersede: what.supersede,
      });
      await cluster.clock.advance(10);
    } else if ('link' in what) peers[what.link].leases.link = what.is;
    else if ('store' in what) {
      if (what.store === 'stall') await this.standStill();
      cluster.store[what.store]();
    } else if ('remove' in what) await this.remove(what.remove);
    else if ('fault' in what) this.faults.add(`${what.fault} ${what.in}`);
    else if ('hang' in what) this.hangs.set(`${what.hang} ${what.in}`, what.as);
    else if ('fail' in what) {
      const broken = new Error('broken');
      this.ask(peers[what.fail].coordinator.fail(what.volume, broken));
    } else if ('reset' in what)
      this.ask(peers[what.reset].coordinator.reset(what.what));
    else if ('stopAfterUnserving' in what)
      this.faults.add(`${what.stopAfterUnserving} stop`);
    else if ('down' in what) void peers[what.down].coordinator.down('test');
    else await cluster.clock.advance(what.passes);
    for (const volume of volumes) this.checkAlone(volume);
    for (const name of names) await peers[name].harness.checkAfter(0);
  }

  /** What a peer that is not up refuses. */
  private ask(asked: Promise<unknown>): void {
    asked.catch((thrown: unknown) => {
      if (!(thrown instanceof TransitionStateError)) throw thrown;
    });
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
    const hears = ({ leases, coordinator }: Peer): boolean =>
      leases.link === 'up' && coordinator.snapshot().lifecycle === 'up';
    if (!names.every((name) => hears(peers[name]))) return;
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

  /** All faults end, and everybody is told the same. */
  async heal(goal: Placed): Promise<void> {
    const { cluster, peers } = this;
    this.faults.clear();
    this.hangs.clear();
    await cluster.clock.advance(6 * ttl);
    for (const name of names) peers[name].leases.link = 'up';
    for (const name of names) await this.startAgain(name, goal);
    await cluster.clock.advance(4 * ttl);
    for (const name of names) await peers[name].reload(conf(name, goal));
    await cluster.clock.advance(6 * ttl);
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

  private async hangIf(at: string): Promise<void> {
    const hanging = this.hangs.get(at);
    if (hanging === undefined) return;
    this.hangs.delete(at);
    await this.pause(hanging.milliseconds);
    if (hanging.fails) throw new Error(`${at} has failed late`);
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.cluster.clock.startTimer(resolve, milliseconds);
    });
  }
}

function without(
  lacking: readonly string[],
  callbacks: TransitionCallbacks,
): TransitionCallbacks {
  return Object.fromEntries(
    Object.entries(callbacks).filter(([name]) => !lacking.includes(name)),
  );
}
