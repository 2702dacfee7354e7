import {
  LeaseStoreError,
  type Claim,
  type ClaimAnswer,
  type ClaimRequest,
  type Clock,
  type HeldLease,
  type LeaseChange,
  type LeaseHolder,
  type LeaseListing,
  type Release,
} from 'nestjs-transitions/core';
import { ChangeLog } from './change-log.js';
import { ClaimHistory } from './claim-history.js';

/** What the store needs to know of time. */
export type LeaseClock = Pick<Clock, 'now' | 'startTimer'>;

/** A session in the store. @internal */
export interface StoredSession {
  readonly id: string;
  readonly owner: string;
  /** In milliseconds. */
  readonly ttl: number;
  stopTimer: () => void;
}

/**
 * What the peers of one process share as their lease store. It behaves as etcd
 * does, and can do what happens to an etcd.
 */
export class MemoryLeaseStore {
  private readonly clock: LeaseClock;
  private identity = 1;
  private revision = 1n;
  private sessionsMade = 0;
  private readonly sessions = new Map<string, StoredSession>();
  private readonly holders = new Map<string, LeaseHolder>();
  private readonly history = new ClaimHistory();
  private readonly log = new ChangeLog();

  /** @param options.clock - by which sessions run out; default: real time */
  constructor({ clock = realClock }: { readonly clock?: LeaseClock } = {}) {
    this.clock = clock;
  }

  /** LeaseSession.storeId */
  get storeId(): string {
    return `memory-${this.identity}`;
  }

  /** What is held by whom, ordered by volume. */
  list(): LeaseListing {
    const held = [...this.holders]
      .map(([volume, holder]): HeldLease => ({ volume, ...holder }))
      .sort((a, b) => (a.volume < b.volume ? -1 : 1));
    const { storeId, revision } = this;
    return { storeId, revision, sessions: new Set(this.sessions.keys()), held };
  }

  /** The store stops and starts again: each session has its whole ttl before it. */
  restart(): void {
    for (const session of this.sessions.values()) this.startTimer(session);
  }

  /**
   * The store has stood still for longer than any session lives: all of them are
   * gone. Let that time pass first, as peers count on their sessions until then.
   */
  stall(): void {
    for (const session of this.sessions.values()) this.endSession(session.id);
  }

  /** All data is lost, and the order of tokens with it. */
  wipe(): void {
    for (const session of this.sessions.values()) session.stopTimer();
    this.sessions.clear();
    this.holders.clear();
    this.history.clear();
    this.log.clear();
    this.identity++;
    this.revision = 1n;
  }

  /**
   * Forgets what was before the revision that it is at. Whoever follows from what
   * was before that is told; whoever claims again is not told of a predecessor
   * from then.
   */
  compact(): void {
    this.log.compact(this.revision);
    this.history.compact(this.revision);
  }

  /** Ends a session as an operator would. */
  revoke(session: string): void {
    this.endSession(session);
  }

  /** Deletes a volume's record as an operator would: nobody is known then who had it. */
  remove(volume: string): void {
    this.revision++;
    this.drop(volume);
    this.history.forget(volume);
  }

  /**
   * Takes a volume from whoever holds it as an operator would: whoever is next
   * is told that it expired.
   */
  expire(volume: string): void {
    const holder = this.holders.get(volume);
    if (holder === undefined) return;
    this.revision++;
    this.drop(volume);
    // With the token of the claim, as after any end that nobody has told of.
    this.history.claimedAgain(volume, holder.owner, holder.token);
  }

  /** A stranger writes a volume's record, under no session. */
  overwrite(volume: string, owner: string): void {
    this.hold(volume, { owner, session: '0', token: ++this.revision });
  }

  /** @internal */
  openSession(owner: string, ttl: number): StoredSession {
    const id = `session-${++this.sessionsMade}`;
    const session = { id, owner, ttl, stopTimer: () => undefined };
    this.sessions.set(id, session);
    this.startTimer(session);
    return session;
  }

  /** Whether it was there to be renewed. @internal */
  renew({ id }: StoredSession): boolean {
    const session = this.sessions.get(id);
    if (session === undefined) return false;
    this.startTimer(session);
    return true;
  }

  /** @internal */
  claim(
    session: StoredSession,
    claims: readonly ClaimRequest[],
  ): readonly ClaimAnswer[] {
    if (!this.sessions.has(session.id)) this.refuseFree(claims);
    // Who had them before their first claim is one question about all of them.
    const isKnown = claims.every(
      (claim) =>
        !this.isAgain(session, claim) || this.history.isKnown(claim.volume),
    );
    const written = new Set<string>();
    return claims.map((claim) => {
      const { volume, token } = claim;
      const holder = this.holders.get(volume);
      const isAgain = this.isAgain(session, claim);
      if (!(token === undefined ? holder === undefined : isAgain))
        return { volume, token: undefined, holder };
      // One revision for all of them, but a volume has each only once.
      if (written.size === 0 || written.has(volume)) this.revision++;
      written.add(volume);
      const made = this.write(session, volume, isAgain);
      return isAgain && !isKnown ? { ...made, predecessor: undefined } : made;
    });
  }

  /** @internal */
  release(session: StoredSession, releases: readonly Release[]): void {
    const isHeld = ({ volume, token }: Release): boolean =>
      this.holders.get(volume)?.token === token;
    if (releases.some(isHeld)) this.revision++;
    for (const release of releases) {
      if (!isHeld(release)) continue;
      this.drop(release.volume);
      this.history.released(release, session.owner);
    }
  }

  /** @internal */
  endSessionInOrder(id: string): void {
    if (!this.sessions.has(id)) return;
    for (const [volume, holder] of this.holders) {
      if (holder.session === id) this.history.endedInOrder(volume);
    }
    this.endSession(id);
  }

  /** @internal */
  endSession(id: string): void {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    session.stopTimer();
    this.sessions.delete(id);
    for (const [volume, holder] of this.holders) {
      if (holder.session === id) this.holders.delete(volume);
    }
    this.log.add({ session: id, revision: ++this.revision });
  }

  /** What changed after a revision, in order, without end. @internal */
  changes(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncIterable<readonly LeaseChange[]> {
    return this.log.follow(revision, signal);
  }

  /** The session holds it as the claim says. */
  private isAgain(
    { id }: StoredSession,
    { volume, token }: ClaimRequest,
  ): boolean {
    const holder = this.holders.get(volume);
    return holder?.session === id && holder.token === token;
  }

  private refuseFree(claims: readonly ClaimRequest[]): void {
    const isFree = ({ volume, token }: ClaimRequest): boolean =>
      token === undefined && !this.holders.has(volume);
    if (claims.some(isFree)) throw new LeaseStoreError('the session is gone');
  }

  private write(
    session: StoredSession,
    volume: string,
    isAgain: boolean,
  ): Claim {
    const { history, revision: token } = this;
    const { id, owner } = session;
    if (isAgain) history.claimedAgain(volume, owner, token);
    else history.claimed(volume, owner, token);
    this.hold(volume, { owner, session: id, token });
    return { volume, token, predecessor: history.predecessorOf(volume) };
  }

  private hold(volume: string, holder: LeaseHolder): void {
    this.holders.set(volume, holder);
    this.log.add({ volume, revision: this.revision, holder });
  }

  private drop(volume: string): void {
    if (!this.holders.delete(volume)) return;
    this.log.add({ volume, revision: this.revision, holder: undefined });
  }

  private startTimer(session: StoredSession): void {
    session.stopTimer();
    session.stopTimer = this.clock.startTimer(
      () => this.endSession(session.id),
      session.ttl,
    );
  }
}

const realClock: LeaseClock = {
  now: () => performance.now(),
  startTimer: (callback, milliseconds) => {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
