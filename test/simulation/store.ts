import type {
  ClaimAnswer,
  ClaimRefused,
  ClaimRequest,
  HeldLease,
  LeaseChange,
  LeaseHolder,
  LeaseListing,
  Predecessor,
  Release,
} from 'nestjs-transitions/core';
import type { Timeline } from './timeline.js';

/** How a key ended, or was overwritten. */
export type KeyEnd = 'expired' | 'released' | 'replaced' | 'operator' | 'wiped';

export interface StoreRules {
  readonly ttl: number;
  /** A seeded bug: claiming again keeps the token. */
  readonly keepsTokens: boolean;
  /** A seeded bug: a claim replaces any key of its session, whatever it says. */
  readonly replacesOwnKeys: boolean;
  /** A seeded bug: a release takes the key, whatever its token. */
  readonly releasesAnyToken: boolean;
}

interface Key extends LeaseHolder {
  /** In which revision its session claimed it first. */
  readonly since: bigint;
  readonly predecessor: Predecessor | undefined;
}

/** Who has what no peer wrote. */
const stranger = { owner: '(not written by a peer)', session: '0' } as const;

interface Session {
  readonly owner: string;
  expires: number;
}

/**
 * A lease store as etcd behaves: one order of revisions, sessions that end by
 * its own clock, conditional claims and releases. A restart gives each session
 * its whole ttl again; a store that was stopped finds them expired. What is
 * compacted nobody can follow or look up.
 */
export class SimulatedStore {
  storeId = 'store-1';
  readonly keys = new Map<string, Key>();
  /** Who was given which token: session by token, over the life of the store. */
  sessionOf = new Map<bigint, string>();
  /** The same of the store that was wiped. */
  formerSessionOf = new Map<bigint, string>();
  onEnd: (volume: string, key: LeaseHolder, how: KeyEnd) => void = () => {};
  onChange: (change: LeaseChange) => void = () => {};
  /** How many asked for changes that were compacted. */
  refusedToFollow = 0;
  private readonly sessions = new Map<string, Session>();
  private readonly before = new Map<string, Predecessor>();
  private history: LeaseChange[] = [];
  private revision = 1n;
  /** The oldest revision that is known. */
  private oldest = 1n;
  private compactsUntil = 0;
  private lastSession = 0;
  private downUntil = 0;
  private stoppedUntil = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly rules: StoreRules,
  ) {}

  get isDown(): boolean {
    return this.downUntil > this.timeline.now;
  }

  /** When it will look at a request that comes now. */
  get answersAt(): number {
    const { now } = this.timeline;
    // After it has found what is expired.
    return this.stoppedUntil > now ? this.stoppedUntil + 0.01 : now;
  }

  open(owner: string): { id: string; storeId: string; ttl: number } {
    const id = `session-${++this.lastSession}`;
    this.sessions.set(id, {
      owner,
      expires: this.timeline.now + this.rules.ttl,
    });
    this.watchExpiry(id);
    return { id, storeId: this.storeId, ttl: this.rules.ttl };
  }

  renew(id: string): { storeId: string; ttl: number } | undefined {
    const session = this.sessions.get(id);
    if (session === undefined) return undefined;
    session.expires = this.timeline.now + this.rules.ttl;
    return { storeId: this.storeId, ttl: this.rules.ttl };
  }

  claim(id: string, claims: readonly ClaimRequest[]): readonly ClaimAnswer[] {
    const session = this.sessions.get(id);
    if (session === undefined) throw new Error(`${id} is gone`);
    // Who had them before the first claim is one question about all of them.
    const isKnown = claims.every(({ volume, token }) => {
      const key = this.keys.get(volume);
      const isAgain = key?.session === id && key.token === token;
      return !isAgain || key.since > this.oldest;
    });
    return claims.map((claim) => {
      const { volume } = claim;
      const key = this.keys.get(volume);
      const refusal = this.refusalOf(id, claim);
      if (refusal !== undefined) return refusal;
      const answer = this.grant(volume, id, session.owner, key);
      return key === undefined || isKnown
        ? answer
        : { ...answer, predecessor: undefined };
    });
  }

  /** What a claim would be told where it were refused; undefined where it were granted. */
  refusalOf(
    id: string,
    { volume, token }: ClaimRequest,
  ): ClaimRefused | undefined {
    const key = this.keys.get(volume);
    const isAsSaid =
      key?.token === token && (key === undefined || key.session === id);
    const isReplaced = this.rules.replacesOwnKeys && key?.session === id;
    if (isAsSaid || isReplaced) return undefined;
    return { volume, token: undefined, holder: key && holderOf(key) };
  }

  release(releases: readonly Release[]): void {
    for (const { volume, token, note } of releases) {
      const key = this.keys.get(volume);
      if (key === undefined) continue;
      // A token is of one claim, and so of one session.
      if (!this.rules.releasesAnyToken && key.token !== token) continue;
      const { owner } = key;
      this.before.set(volume, { owner, token, end: 'released', note });
      this.remove(volume, 'released');
    }
  }

  end(id: string, how: KeyEnd = 'released'): void {
    if (!this.sessions.delete(id)) return;
    for (const [volume, key] of this.keys) {
      if (key.session === id) this.drop(volume, how);
    }
    this.change({ session: id, revision: ++this.revision });
  }

  endInOrder(id: string): void {
    if (!this.sessions.has(id)) return;
    for (const [volume, { session, owner, token }] of this.keys) {
      if (session !== id) continue;
      this.before.set(volume, { owner, token, end: 'released', note: '' });
    }
    this.end(id);
  }

  list(): LeaseListing {
    const held = [...this.keys].map(([volume, key]): HeldLease => ({
      volume,
      ...holderOf(key),
    }));
    held.sort((a, b) => (a.volume < b.volume ? -1 : 1));
    const { storeId, revision } = this;
    return { storeId, revision, sessions: new Set(this.sessions.keys()), held };
  }

  /** @throws Error if the first that is asked for is compacted */
  changesAfter(revision: bigint): readonly LeaseChange[] {
    if (revision + 1n < this.oldest) {
      this.refusedToFollow++;
      throw new Error(`what came before ${this.oldest} is compacted`);
    }
    return this.history.filter((change) => change.revision > revision);
  }

  /** It is away for a while, and keeps its data. */
  restart(milliseconds: number): void {
    this.downUntil = this.timeline.now + milliseconds;
    this.timeline.after(milliseconds, () => {
      for (const [id, session] of this.sessions) {
        session.expires = this.timeline.now + this.rules.ttl;
        this.watchExpiry(id);
      }
    });
  }

  /** It is stopped for a while. Its clock goes on. */
  stop(milliseconds: number): void {
    this.stoppedUntil = this.timeline.now + milliseconds;
  }

  /** It forgets what was before this revision, and for a while each one as the next is there. */
  compact(milliseconds = 0): void {
    this.compactsUntil = this.timeline.now + milliseconds;
    this.oldest = this.revision;
    this.history = this.history.filter((it) => it.revision >= this.oldest);
  }

  /** It is there, and runs. */
  heal(): void {
    if (this.isDown) this.restart(0);
    this.stoppedUntil = this.timeline.now;
  }

  /** An empty store in its place. */
  wipe(storeId: string): void {
    for (const [volume, key] of this.keys) {
      this.keys.delete(volume);
      this.onEnd(volume, key, 'wiped');
    }
    this.sessions.clear();
    this.before.clear();
    this.formerSessionOf = this.sessionOf;
    this.sessionOf = new Map();
    this.history = [];
    this.revision = 1n;
    this.oldest = 1n;
    this.storeId = storeId;
  }

  /** An operator revokes whatever session holds the volume. */
  revokeHolderOf(volume: string): void {
    const key = this.keys.get(volume);
    if (key !== undefined) this.end(key.session, 'operator');
  }

  deleteKey(volume: string): void {
    if (this.keys.has(volume)) this.remove(volume, 'operator');
    this.before.delete(volume);
  }

  /** An operator writes that the claim of the volume has expired. */
  expireKey(volume: string): void {
    if (this.keys.has(volume)) this.remove(volume, 'operator');
  }

  /** Somebody who plays by no rules writes the key: it is under no session. */
  overwriteKey(volume: string): void {
    const before = this.keys.get(volume);
    if (before !== undefined) this.onEnd(volume, before, 'operator');
    const token = ++this.revision;
    const holder = { ...stranger, token };
    this.keys.set(volume, { ...holder, since: token, predecessor: undefined });
    this.before.set(volume, {
      owner: stranger.owner,
      token,
      end: 'expired',
      note: '',
    });
    this.change({ volume, revision: token, holder });
  }

  /** What such a one wrote is deleted. */
  deleteStrangersKey(volume: string): void {
    if (this.keys.get(volume)?.session === stranger.session)
      this.deleteKey(volume);
  }

  private grant(
    volume: string,
    session: string,
    owner: string,
    own: Key | undefined,
  ): ClaimAnswer {
    if (own !== undefined && this.rules.keepsTokens) {
      return { volume, token: own.token, predecessor: own.predecessor };
    }
    if (own !== undefined) this.onEnd(volume, own, 'replaced');
    const token = ++this.revision;
    const predecessor = own ? own.predecessor : this.before.get(volume);
    const since = own ? own.since : token;
    this.keys.set(volume, { owner, session, token, since, predecessor });
    this.sessionOf.set(token, session);
    this.before.set(volume, { owner, token, end: 'expired', note: '' });
    this.timeline.trace(
      `store: ${volume} to ${owner} ${session} token ${token}`,
    );
    this.change({ volume, revision: token, holder: { owner, session, token } });
    return { volume, token, predecessor };
  }

  private remove(volume: string, how: KeyEnd): void {
    this.drop(volume, how);
    this.change({ volume, revision: ++this.revision, holder: undefined });
  }

  private drop(volume: string, how: KeyEnd): void {
    const key = this.keys.get(volume)!;
    this.keys.delete(volume);
    this.timeline.trace(`store: ${volume} of ${key.owner} ${key.token} ${how}`);
    this.onEnd(volume, key, how);
  }

  private change(change: LeaseChange): void {
    this.history.push(change);
    const { compactsUntil, timeline } = this;
    if (timeline.now < compactsUntil)
      this.compact(compactsUntil - timeline.now);
    this.onChange(change);
  }

  private watchExpiry(id: string): void {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    const look = (): void => {
      if (this.sessions.get(id) !== session || this.isDown) return;
      if (session.expires > this.timeline.now) return this.watchExpiry(id);
      if (this.stoppedUntil > this.timeline.now) {
        // Before any request that waits is looked at.
        this.timeline.at(this.stoppedUntil, look);
        return;
      }
      this.end(id, 'expired');
    };
    this.timeline.at(session.expires + 0.001, look);
  }
}

function holderOf({ owner, session, token }: Key): LeaseHolder {
  return { owner, session, token };
}
