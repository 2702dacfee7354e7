import {
  LeaseStoreError,
  maxNoteBytes,
  type ClaimAnswer,
  type ClaimRequest,
  type LeaseChange,
  type LeaseListing,
  type LeaseSession,
  type Release,
  type RenewedSession,
  type ServingLeases,
} from 'nestjs-transitions/core';
import {
  MemoryLeaseStore,
  type LeaseClock,
  type StoredSession,
} from './memory-lease-store.js';

/**
 * What is between a peer and the store. `refused`: each call fails at once.
 * `silent`: nothing gets there, and each call waits for its signal. `deaf`: what
 * is asked takes effect, but no answer and no change comes back.
 */
export type LeaseLink = 'up' | 'refused' | 'silent' | 'deaf';

/** What a peer's handle on the store is. */
export interface MemoryServingLeasesOptions {
  /** Give all peers the same one. Default: one of its own. */
  readonly store?: MemoryLeaseStore;
  /** Default 10 seconds, as that of etcd; here in milliseconds. */
  readonly ttl?: number;
  /** By which `delay` is measured; default real time. */
  readonly clock?: LeaseClock;
}

/** Serving leases in the memory of one process: for tests of several peers. */
export function memoryServingLeases(
  options: MemoryServingLeasesOptions = {},
): MemoryServingLeases {
  return new MemoryServingLeases(options);
}

/** The handle of one peer on a {@link MemoryLeaseStore}. */
export class MemoryServingLeases implements ServingLeases {
  readonly store: MemoryLeaseStore;
  /** May be changed at any time; calls heed it when they set out and when they come back. */
  link: LeaseLink = 'up';
  /** How long each way to the store and back takes, in milliseconds. It needs a clock. */
  delay = 0;
  private readonly ttl: number;
  private readonly clock: LeaseClock | undefined;
  private readonly closing = new AbortController();

  constructor(options: MemoryServingLeasesOptions = {}) {
    this.store = options.store ?? new MemoryLeaseStore(options);
    this.ttl = options.ttl ?? 10_000;
    this.clock = options.clock;
  }

  describe(): string {
    return 'memory of this process';
  }

  async openSession(owner: string, signal: AbortSignal): Promise<LeaseSession> {
    const { ttl, store } = this;
    const opened = await this.ask(() => store.openSession(owner, ttl), signal);
    return new MemorySession(this, opened);
  }

  list(signal: AbortSignal): Promise<LeaseListing> {
    return this.ask(() => this.store.list(), signal);
  }

  async *changes(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LeaseChange[], void> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    for await (const changes of this.store.changes(revision, either)) {
      if (this.link === 'refused')
        throw new LeaseStoreError('the link is down');
      // Hints may be missing: what happens while the link is down is not told.
      if (this.link === 'up') yield changes;
    }
    if (!signal.aborted) this.closing.signal.throwIfAborted();
  }

  async close(): Promise<void> {
    this.closing.abort(
      new LeaseStoreError(
        'The leases are closed, as the application is that they were given to',
      ),
    );
  }

  /** Brings a question to the store and its answer back. @internal */
  async ask<T>(question: () => T, signal: AbortSignal): Promise<T> {
    await this.travel('silent', signal);
    const answer = question();
    await this.travel('deaf', signal);
    return answer;
  }

  private async travel(block: LeaseLink, signal: AbortSignal): Promise<void> {
    if (this.delay > 0) await this.pause(this.delay, signal);
    else await Promise.resolve();
    this.closing.signal.throwIfAborted();
    if (this.link === 'refused') throw new LeaseStoreError('the link is down');
    if (this.link === 'silent' || this.link === block)
      await this.pause(undefined, signal);
    if (signal.aborted) throw givenUp(signal);
  }

  /** Waits for a time, or for ever; rejects when the signal is aborted first. */
  private pause(
    milliseconds: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel =
        milliseconds === undefined
          ? undefined
          : this.requireClock().startTimer(() => {
              signal.removeEventListener('abort', abort);
              resolve();
            }, milliseconds);
      const abort = (): void => {
        cancel?.();
        reject(givenUp(signal));
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
    });
  }

  private requireClock(): LeaseClock {
    if (this.clock !== undefined) return this.clock;
    throw new TypeError('delay needs a clock: memoryServingLeases({ clock })');
  }
}

class MemorySession implements LeaseSession {
  readonly id: string;
  readonly storeId: string;
  readonly ttl: number;

  constructor(
    private readonly leases: MemoryServingLeases,
    private readonly stored: StoredSession,
  ) {
    this.id = stored.id;
    this.ttl = stored.ttl;
    this.storeId = leases.store.storeId;
  }

  renew(signal: AbortSignal): Promise<RenewedSession | undefined> {
    const { store } = this.leases;
    return this.leases.ask(
      () =>
        store.renew(this.stored)
          ? { storeId: store.storeId, ttl: this.ttl }
          : undefined,
      signal,
    );
  }

  claim(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<readonly ClaimAnswer[]> {
    const { store } = this.leases;
    return this.leases.ask(() => store.claim(this.stored, claims), signal);
  }

  async release(
    releases: readonly Release[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const { volume, note } of releases) checkNote(volume, note);
    const { store } = this.leases;
    await this.leases.ask(() => store.release(this.stored, releases), signal);
  }

  end(signal: AbortSignal): Promise<void> {
    const { store } = this.leases;
    return this.leases.ask(() => store.endSession(this.id), signal);
  }

  endInOrder(signal: AbortSignal): Promise<void> {
    const { store } = this.leases;
    return this.leases.ask(() => store.endSessionInOrder(this.id), signal);
  }
}

function checkNote(volume: string, note: string): void {
  const bytes = new TextEncoder().encode(note).length;
  if (bytes <= maxNoteBytes) return;
  throw new RangeError(
    `The note on volume ${volume} has ${bytes} bytes, and at most ${maxNoteBytes} are allowed`,
  );
}

function givenUp(signal: AbortSignal): LeaseStoreError {
  return new LeaseStoreError('the call was given up', { cause: signal.reason });
}
