import type { HeldVolume, LeaseHolder } from 'nestjs-transitions/core';
import type { KeyEnd } from './store.js';
import type { JudgedPeer, World } from './world.js';

/** Of the ttl: how much of it a peer may use. */
const usable = 0.8;

/**
 * What must hold after each event. Resources hold the last law: that no write
 * with an older token is accepted after one with a newer.
 */
export class Laws {
  private readonly lastServed = new Map<string, bigint>();
  /** Tokens whose key was taken by force. */
  private readonly taken = new Set<bigint>();
  /** Tokens with which a volume was served that was not let go of in order. */
  private readonly cut = new Set<bigint>();
  /** The store is another one, and nobody has said that it may be used. */
  isUnconfirmed = false;

  constructor(private readonly world: World) {}

  /** A participant is about to be told to serve. */
  serves(peer: JudgedPeer, claimed: HeldVolume): void {
    const { world } = this;
    const { volume, token } = claimed;
    world.trace(`${peer.name} serves ${volume} with ${token}`);
    if (!this.isUnconfirmed) this.follows(claimed);
    // It was taken by force, which the peer hears of later.
    if (this.taken.has(token)) return;
    const last = this.lastServed.get(volume) ?? 0n;
    if (token <= last) {
      world.fail(
        `I33 ${peer.name} serves ${volume} with ${token} after ${last}`,
      );
    }
    this.lastServed.set(volume, token);
    // While the store is another one, only what the former one granted counts.
    const { sessionOf, formerSessionOf } = world.store;
    const granted = this.isUnconfirmed ? formerSessionOf : sessionOf;
    const session = granted.get(token);
    if (session === undefined || peer.renewedAt(session) === undefined) {
      world.fail(
        `I37 ${peer.name} serves ${volume} with ${token}, which it did not claim`,
      );
    }
    for (const other of world.peers) {
      if (other === peer || other.machine.isStopped) continue;
      // What was taken by force, it hears of later.
      if (this.taken.has(other.told.get(volume) ?? 0n)) continue;
      if (!other.letsIn(volume)) continue;
      world.fail(`I32 ${peer.name} and ${other.name} serve ${volume}`);
    }
  }

  /** Whoever serves a volume loses it, or its process is killed. */
  cutOff(peer: JudgedPeer, volume: string): void {
    const token = peer.told.get(volume) ?? 0n;
    const session = this.world.store.sessionOf.get(token) ?? '';
    // Others are of a store that was wiped.
    if (peer.renewedAt(session) !== undefined) this.cut.add(token);
  }

  /** Who is said to have released a volume has let go of it in order. */
  private follows({ volume, predecessor }: HeldVolume): void {
    if (predecessor?.end !== 'released') return;
    const { owner, token } = predecessor;
    const isServed = this.world.peers.some(
      ({ told }) => told.get(volume) === token,
    );
    if (!isServed && !this.cut.has(token)) return;
    this.world.fail(`I36 ${owner} is said to have released ${volume} ${token}`);
  }

  /** A write is about to be sent. */
  writes(peer: JudgedPeer, volume: string, token: bigint): void {
    const { world } = this;
    if (this.taken.has(token)) return;
    const session = world.store.sessionOf.get(token);
    const sent = peer.renewedAt(session ?? '') ?? -Infinity;
    if (peer.machine.now() > sent + usable * world.ttl + 1e-6) {
      world.fail(`I34 ${peer.name} writes to ${volume} after its deadline`);
    }
    if (world.store.keys.get(volume)?.token !== token) {
      world.fail(
        `I34 ${peer.name} writes to ${volume} ${token} without its key`,
      );
    }
  }

  /** A key has ended in the store, or was overwritten. */
  ended(volume: string, { token }: LeaseHolder, how: KeyEnd): void {
    const { world } = this;
    if (how === 'operator' || how === 'wiped') {
      this.taken.add(token);
      return;
    }
    for (const peer of world.peers) {
      if (peer.told.get(volume) !== token) continue;
      // What a peer was told to serve may outlast its own deadline a little.
      if (
        how === 'expired' &&
        (peer.machine.isStopped || !peer.letsIn(volume))
      ) {
        continue;
      }
      world.fail(
        `I35 the key of ${volume} ${token} is ${how} under ${peer.name}`,
      );
    }
  }

  /** An operator lets the tokens begin again. */
  beginAgain(): void {
    this.lastServed.clear();
    this.taken.clear();
    this.cut.clear();
    this.isUnconfirmed = false;
  }

  /** Faults are over, and it had its time. */
  converged(): void {
    const { world } = this;
    for (const [volume, wanted] of world.configuration.peerOf) {
      const serving = world.peers
        .filter((peer) => peer.letsIn(volume))
        .map(({ name }) => name);
      if (serving.join() === wanted) continue;
      world.fail(
        `I38 ${volume} is given to ${wanted}, and served by [${serving.join()}]`,
      );
    }
    for (const { name, waiting } of world.peers) {
      if (waiting.length === 0) continue;
      const volumes = waiting.map(({ volume }) => volume).join();
      world.fail(`I38 ${name} waits for ${volumes}`);
    }
  }
}
