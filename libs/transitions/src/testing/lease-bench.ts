import type { Clock } from '../core/time/clock.js';
import { LeaseKeeper } from '../core/leases/lease-keeper.js';
import type {
  LeaseListener,
  LeaseWork,
  LossReason,
  SessionState,
  StoreMemory,
} from '../core/leases/lease-ports.js';
import type { Predecessor } from '../core/model/predecessor.js';
import {
  LeaseStoreError,
  type Claim,
  type ClaimAnswer,
  type ClaimRequest,
  type LeaseChange,
  type LeaseHolder,
  type LeaseListing,
  type LeaseSession,
  type Release,
  type ServingLeases,
} from '../core/leases/serving-leases.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** What goes wrong with a call: it is not done; done and not answered; done and answered when the test says so; or refused. */
export type CallFault = 'lost' | 'unanswered' | 'late' | 'refused';

type CallName =
  'open' | 'renew' | 'list' | 'claim' | 'release' | 'end' | 'endInOrder';

/**
 * A LeaseKeeper with a store that is played by the test, on virtual time: what
 * it asks and what it tells is in one journal.
 */
export class LeaseBench implements Clock, ServingLeases, LeaseListener {
  readonly journal: string[] = [];
  readonly keys = new Map<string, LeaseHolder>();
  /** Calls go wrong as long as they are here. */
  readonly faults = new Map<CallName, CallFault>();
  readonly predecessors = new Map<string, Predecessor>();
  readonly released: Release[] = [];
  readonly troubles: string[] = [];
  readonly keeper: LeaseKeeper;
  ttl = 9_000;
  storeId = 'store';
  /** The wall clock less the monotonic one. */
  wallOffset = 1_000_000;
  /** Whether changes are told. */
  hints = true;
  revision = 10n;
  /** Has all late answers come. */
  answer = (): void => {};
  private time = 0;
  private sessions = 0;
  private readonly alive = new Set<string>();
  private readonly timers = new Set<Timer>();
  private readonly watchers = new Set<(change: LeaseChange) => void>();

  /** @param memory - what an earlier process knew */
  constructor(memory?: StoreMemory) {
    this.keeper = new LeaseKeeper(
      {
        leases: this,
        clock: this,
        wallClock: () => this.time + this.wallOffset,
        random: () => 0.5,
        memory,
      },
      { owner: 'here', callTimeout: 1_000 },
      this,
    );
  }

  /** What was noted since the last look. */
  get news(): readonly string[] {
    return this.journal.splice(0);
  }

  // Time.

  now(): number {
    return this.time;
  }

  tick(): number {
    return Math.floor(this.time);
  }

  startTimer(callback: () => void, milliseconds: number): () => void {
    const timer = { at: this.time + Math.max(0, milliseconds), callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  yieldTo(callback: () => void): void {
    this.startTimer(callback, 0);
  }

  /** Time passes and no timer fires, as while the process is stopped. */
  block(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** Time passes, and everything happens that is due. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    await settled();
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > until) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settled();
    }
    this.time = Math.max(this.time, until);
  }

  /** As much time passes as a promise needs, in steps of 10 ms. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const done = (): void => {
      state.isDone = true;
    };
    // oxlint-disable-next-line promise/no-callback-in-promise -- it is no node-style callback
    void promise.then(done, done);
    for (let step = 0; step < 1_000 && !state.isDone; step++) {
      await this.advance(10);
    }
    return promise;
  }

  // The listener.

  lost(volumes: readonly string[], reason: LossReason): void {
    this.journal.push(`lost ${volumes.join()}: ${reason}`);
  }

  free(volumes: readonly string[]): void {
    this.journal.push(`free ${volumes.join()}`);
  }

  session({ state }: SessionState): void {
    this.journal.push(`session ${state}`);
  }

  trouble(work: LeaseWork, error: unknown): void {
    this.troubles.push(`${work}: ${(error as Error | undefined)?.message}`);
  }

  // The store, as somebody else changes it.

  /** Another session takes a volume, whoever holds it. */
  take(volume: string, owner = 'there'): void {
    this.put(volume, owner, `session of ${owner}`);
  }

  drop(volume: string): void {
    this.keys.delete(volume);
    this.tell({ volume, revision: ++this.revision, holder: undefined });
  }

  /** Our own sessions end, and nobody hears of it. */
  endSessions(): void {
    this.alive.clear();
    for (const [volume, { owner }] of this.keys) {
      if (owner === 'here') this.keys.delete(volume);
    }
  }

  /** A session ends, and with it all that it holds. */
  endSession(id: string): void {
    this.alive.delete(id);
    for (const [volume, { session }] of this.keys) {
      if (session === id) this.keys.delete(volume);
    }
    this.tell({ session: id, revision: ++this.revision });
  }

  // The store, as it is asked.

  describe(): string {
    return 'a store on a bench';
  }

  openSession(owner: string): Promise<LeaseSession> {
    return this.call('open', '', () => {
      const id = `session ${++this.sessions}`;
      this.alive.add(id);
      return this.sessionOf(id, owner);
    });
  }

  list(): Promise<LeaseListing> {
    return this.call('list', '', () => ({
      storeId: this.storeId,
      revision: this.revision,
      sessions: new Set(this.alive),
      held: [...this.keys].map(([volume, key]) => ({ volume, ...key })),
    }));
  }

  async *changes(
    _revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LeaseChange[]> {
    const queue: LeaseChange[] = [];
    let wake = (): void => {};
    const hear = (change: LeaseChange): void => {
      queue.push(change);
      wake();
    };
    this.watchers.add(hear);
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      if (queue.length > 0) yield queue.splice(0);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    this.watchers.delete(hear);
  }

  async close(): Promise<void> {}

  private sessionOf(id: string, owner: string): LeaseSession {
    const { storeId, ttl } = this;
    return {
      id,
      storeId,
      ttl,
      renew: () =>
        this.call('renew', '', () =>
          this.alive.has(id)
            ? { storeId: this.storeId, ttl: this.ttl }
            : undefined,
        ),
      claim: (claims) =>
        this.call('claim', claims.map(asText).join(), () =>
          claims.map((claim) => this.grant(claim, owner, id)),
        ),
      release: (releases) =>
        this.call('release', releases.map(asText).join(), () => {
          for (const release of releases) this.letGo(release);
        }),
      end: () => this.call('end', '', () => this.endSession(id)),
      endInOrder: () => this.call('endInOrder', '', () => this.endSession(id)),
    };
  }

  private grant(
    { volume, token }: ClaimRequest,
    owner: string,
    session: string,
  ): ClaimAnswer {
    const holder = this.keys.get(volume);
    if (holder?.token !== token) return { volume, token: undefined, holder };
    const predecessor = this.predecessors.get(volume);
    const claim: Claim = {
      volume,
      token: this.put(volume, owner, session),
      predecessor,
    };
    return claim;
  }

  /** A release, as it is or as it comes late. */
  letGo(release: Release): void {
    this.released.push(release);
    const { volume, token } = release;
    if (this.keys.get(volume)?.token === token) this.drop(volume);
  }

  private put(volume: string, owner: string, session: string): bigint {
    const token = ++this.revision;
    const holder = { owner, session, token };
    this.keys.set(volume, holder);
    this.tell({ volume, revision: token, holder });
    return token;
  }

  private tell(change: LeaseChange): void {
    if (!this.hints) return;
    for (const hear of this.watchers) hear(change);
  }

  private async call<T>(
    name: CallName,
    details: string,
    act: () => T,
  ): Promise<T> {
    this.journal.push(details === '' ? name : `${name} ${details}`);
    const fault = this.faults.get(name);
    if (fault === 'refused') throw new LeaseStoreError('refused');
    const answer = fault === 'lost' ? undefined : act();
    if (fault !== undefined) {
      await new Promise<void>((resolve) => {
        const before = this.answer;
        if (fault === 'late') {
          this.answer = () => {
            before();
            resolve();
          };
        }
      });
    }
    return answer!;
  }
}

function asText({ volume, token }: ClaimRequest): string {
  return token === undefined ? volume : `${volume}:${token}`;
}

// An immediate runs after all microtasks, those they queue included.
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
