import type { Clock } from '../time/clock.js';
import type { ServingLeases } from './serving-leases.js';

/** What the lease logic is given of the world. */
export interface LeasePorts {
  readonly leases: ServingLeases;
  /** Its `now` is the monotonic time that deadlines are counted in. */
  readonly clock: Clock;
  /** The time of day in milliseconds. It may jump. */
  readonly wallClock: () => number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Default: the first store that answers is the right one. */
  readonly memory?: StoreMemory | undefined;
}

/**
 * Knows over the end of the process which store the tokens in use are of. Either
 * may reject: then no session is opened, and it is tried again.
 */
export interface StoreMemory {
  /** Undefined: none was remembered. */
  recall(): Promise<string | undefined>;
  /** Resolves when it will be recalled, whatever becomes of this process. */
  remember(storeId: string): Promise<void>;
}

export interface LeaseSettings {
  /** What other peers call this one. */
  readonly owner: string;
  /** How long a call of the store may take, in milliseconds. Default 3_000. */
  readonly callTimeout?: number;
}

/**
 * Why volumes were lost. `deadline`: the store did not confirm the session in
 * time. `session`: it is gone. `key`: what the store has of single volumes was
 * deleted, or is another's. `store`: the store is another one, or has lost its data.
 */
export type LossReason = 'deadline' | 'session' | 'key' | 'store';

/**
 * What is asked of the store besides its sessions, and is tried again until it is done:
 * to claim volumes, to let go of them, and to list what is held, without which nobody
 * hears for sure that a volume is free, or lost.
 */
export type LeaseWork = 'claims' | 'releases' | 'listings';

/** How it is with the session, told when that changes. */
export type SessionState =
  | { readonly state: 'opening' }
  | {
      readonly state: 'open';
      readonly id: string;
      /** In milliseconds. */
      readonly ttl: number;
      /** Where it is, for messages: `etcd at 10.0.0.1:2379, namespace demo`. */
      readonly store: string;
    }
  /**
   * It is tried again. `id` is that of the session that could not be renewed, and
   * lasts until its time is over; undefined where none could be opened. `error` is
   * what came last.
   */
  | {
      readonly state: 'unreachable';
      readonly id: string | undefined;
      readonly error: unknown;
    }
  /** Nothing is served until the store is the expected one, or `confirmStore(found)`. */
  | {
      readonly state: 'otherStore';
      readonly expected: string;
      readonly found: string;
    }
  /**
   * `error`: why it did not end in order. Then what the session held is free for
   * others when its time is over at the latest, and they find that it has expired.
   */
  | { readonly state: 'ended'; readonly error?: unknown };

/** Whoever serves volumes. Called synchronously; must not throw. */
export interface LeaseListener {
  /**
   * These are not ours any more, from this moment on: they must not be served,
   * and nothing may be written. All that is lost for one reason comes at once.
   */
  lost(volumes: readonly string[], reason: LossReason): void;
  /** These were waiting and are ours now: `claim` hands them out at once. */
  free(volumes: readonly string[]): void;
  session?(state: SessionState): void;
  /**
   * Calls fail though the session is open, as where the store is full, or this peer
   * has no right to write: `error` is that of the first. Undefined: they are
   * answered again.
   */
  trouble?(work: LeaseWork, error: unknown): void;
}
