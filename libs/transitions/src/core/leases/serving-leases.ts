import type { Predecessor } from '../model/predecessor.js';

/**
 * Where serving leases are kept: a record for each volume, which says under
 * which session its owner holds it. With the session all that it holds ends. At
 * most one session holds a volume at any time, whatever its owners believe.
 *
 * The port is small and dumb. It retries nothing and knows no clock: the logic
 * in this room decides when to renew, to give up and to try again. Each call
 * takes a signal and rejects soon after that is aborted; what was asked may
 * happen all the same. Any call may reject with a LeaseStoreError.
 *
 * Implementations: `memoryServingLeases()` in @nestjs-transitions/testing and
 * `etcdServingLeases()` in @nestjs-transitions/etcd. Both pass one contract
 * suite.
 */
export interface ServingLeases {
  /** For messages and logs, without secrets: `etcd at 10.0.0.1:2379, namespace demo`. */
  describe(): string;

  /** Opens a session. `owner` names the peer to others: it is the holder of what is claimed. */
  openSession(owner: string, signal: AbortSignal): Promise<LeaseSession>;

  /** All that is held, by whoever: one consistent view. */
  list(signal: AbortSignal): Promise<LeaseListing>;

  /**
   * What changes after `revision`, in order, as much at a time as comes
   * together, until the signal is aborted or the stream breaks: then it ends, or
   * throws. Hints only: any of them may be missing, late or twice. Whoever
   * follows them lists again now and then.
   */
  changes(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncIterable<readonly LeaseChange[]>;

  /** Lets go of connections. Sessions stay: their time runs out. */
  close(): Promise<void>;
}

/** A session in the store. What it holds is gone once it is not renewed for its ttl. */
export interface LeaseSession {
  /** The store's name of the session. */
  readonly id: string;
  /** Identity of the store. Another one than before means that its data, and its order of tokens, is lost. */
  readonly storeId: string;
  /** What the store granted, in milliseconds. It may differ from what was asked for. */
  readonly ttl: number;

  /** Starts the ttl again. `undefined`: the session is gone, and with it all that it held. */
  renew(signal: AbortSignal): Promise<RenewedSession | undefined>;

  /**
   * Claims volumes, each if it is held exactly as its request says: by nobody,
   * or by this session with that token. Never those of another session. So a
   * request that comes late or twice takes nothing from under its owner. Each
   * claim gives a new token. The answers have the order of `claims`. Volumes may
   * be claimed though the call rejects. A session that is gone claims nothing:
   * the call rejects, or refuses all.
   */
  claim(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<readonly ClaimAnswer[]>;

  /**
   * Lets volumes go, those only that are still held with the token of their
   * claim. Others are left alone, without an error.
   */
  release(releases: readonly Release[], signal: AbortSignal): Promise<void>;

  /**
   * Ends the session, and with it all that it still holds, at once. For whoever
   * claims that next, it has expired.
   */
  end(signal: AbortSignal): Promise<void>;

  /**
   * As `end`, where nothing of what the session holds is in use any more: for
   * whoever claims that next it was released, with the token of its last claim
   * and without a note. So this stands for a release of each volume, and takes
   * about as long as one. Where the call rejects, the session may have ended or
   * not, and what it held released or expired.
   */
  endInOrder(signal: AbortSignal): Promise<void>;
}

export interface RenewedSession {
  readonly storeId: string;
  /** In milliseconds. */
  readonly ttl: number;
}

/** One volume that is claimed. */
export interface ClaimRequest {
  readonly volume: string;
  /**
   * Undefined: nobody holds it. Otherwise the token with which this session
   * holds it already, to claim it again.
   */
  readonly token: bigint | undefined;
}

export type ClaimAnswer = Claim | ClaimRefused;

/** The volume is held by the session that asked. */
export interface Claim {
  readonly volume: string;
  /**
   * Tokens of a volume only grow, over the life of the store. They are of one
   * order with revisions: each listing of this revision or a later one has the
   * claim, until it ends.
   */
  readonly token: bigint;
  /**
   * Who had the volume before; undefined where nobody is known, as of a volume
   * that is new, or whose record somebody deleted. Where a session claims again
   * what it holds, this is as at its first claim.
   */
  readonly predecessor: Predecessor | undefined;
}

/** The volume is held otherwise than the request says. */
export interface ClaimRefused {
  readonly volume: string;
  readonly token: undefined;
  /** It may be the session that asked. Undefined: nobody holds it any more. */
  readonly holder: LeaseHolder | undefined;
}

export interface LeaseHolder {
  /** As given to `openSession`. */
  readonly owner: string;
  /** LeaseSession.id */
  readonly session: string;
  readonly token: bigint;
}

/** One volume that is let go. */
export interface Release {
  readonly volume: string;
  readonly token: bigint;
  /** For whoever is next. At most maxNoteBytes of UTF-8; '' for none. */
  readonly note: string;
}

/** 4 KiB. A note is a hint for the next one, not a store. */
export const maxNoteBytes = 4096;

export interface LeaseListing {
  readonly storeId: string;
  /** What `changes` goes on from. */
  readonly revision: bigint;
  /** Those that have not ended, by their id. */
  readonly sessions: ReadonlySet<string>;
  /** Ordered by volume. */
  readonly held: readonly HeldLease[];
}

export interface HeldLease extends LeaseHolder {
  readonly volume: string;
}

/** A volume is held otherwise than before, or a session has ended, and with it all that it held. */
export type LeaseChange = VolumeChange | SessionEnd;

/** A volume was claimed, released, or touched by hand. */
export interface VolumeChange {
  readonly volume: string;
  /** That of the change: for a claim its token, for its end a later one. */
  readonly revision: bigint;
  /** Undefined: nobody holds it now. */
  readonly holder: LeaseHolder | undefined;
}

/** A session is gone, and does not come back. What it held is free: of that, no other change tells. */
export interface SessionEnd {
  readonly volume?: undefined;
  /** LeaseSession.id */
  readonly session: string;
  readonly revision: bigint;
}

/** The store cannot be reached, refused, or answered something that makes no sense. Says nothing about whether the call took effect. */
export class LeaseStoreError extends Error {
  override readonly name = 'LeaseStoreError';
}
