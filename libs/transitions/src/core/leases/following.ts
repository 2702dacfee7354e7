import { Backoff } from '../time/backoff.js';
import { betweenFailures, callWithin } from './bounded-call.js';
import type { LeasePorts } from './lease-ports.js';
import type { LeaseTrouble } from './lease-trouble.js';
import type { LiveSession } from './live-session.js';
import type { SessionKeeper } from './session-keeper.js';
import {
  LeaseStoreError,
  type LeaseChange,
  type LeaseListing,
} from './serving-leases.js';

/** Of the ttl: how often the truth is listed while nothing waits, less up to a fifth. */
const betweenListings = 3;
/** The same while something waits. */
const betweenListingsWhileWaiting = 1;

/** What hears of news. */
export interface FollowingListener {
  /** Takes its time; the next listing comes after it. A rejection is an error of the store. */
  listed(list: () => Promise<LeaseListing>, live: LiveSession): Promise<void>;
  changed(change: LeaseChange, live: LiveSession): void;
  readonly isWaiting: boolean;
}

/**
 * Follows what happens in the store while a session lasts. Changes are hints,
 * which may be lost: so the truth is listed at first, on a timer, and after each
 * error; and each listing has the changes follow from it anew.
 */
export class Following {
  private readonly backoff: Backoff;
  private readonly hintsBackoff: Backoff;
  private cancelTimer = (): void => {};
  private hints: AbortController | undefined;
  private isListing = false;
  private isActive = false;

  constructor(
    private readonly ports: LeasePorts,
    private readonly sessions: SessionKeeper,
    private readonly trouble: LeaseTrouble,
    private readonly listener: FollowingListener,
  ) {
    this.backoff = new Backoff(betweenFailures, ports.random);
    this.hintsBackoff = new Backoff(betweenFailures, ports.random);
  }

  /** Follows during this session. */
  begin(live: LiveSession): void {
    this.isActive = true;
    live.signal.addEventListener('abort', () => this.end());
    this.listAfter(0);
  }

  /** Follows nothing. */
  end(): void {
    this.isActive = false;
    this.cancelTimer();
    this.hints?.abort();
  }

  /** Something went wrong: it lists soon, to know the truth. */
  doubt(): void {
    this.listAfter(this.backoff.next());
  }

  private listAfter(milliseconds: number): void {
    this.cancelTimer();
    if (!this.isActive) return;
    const list = (): void => void this.list();
    this.cancelTimer = this.ports.clock.startTimer(list, milliseconds);
  }

  private async list(): Promise<void> {
    const { live } = this.sessions;
    // One that is under way is followed by another where the session is new.
    if (live === undefined || this.isListing) return;
    this.isListing = true;
    const revision = await this.tryToList(live);
    this.isListing = false;
    if (this.sessions.live !== live) return this.listAfter(0);
    if (revision === undefined) return this.doubt();
    this.backoff.reset();
    this.listAfter(this.period(live));
    if (this.isActive) void this.followHints(revision, live);
  }

  /** The revision of the listing, if all that follows from it went well. */
  private async tryToList(live: LiveSession): Promise<bigint | undefined> {
    let revision: bigint | undefined;
    const list = async (): Promise<LeaseListing> => {
      const listing = await this.ask(live).catch((thrown: unknown) => {
        this.trouble.failed(thrown);
        throw thrown;
      });
      this.trouble.answered();
      ({ revision } = listing);
      return listing;
    };
    try {
      await this.listener.listed(list, live);
      return revision;
    } catch {
      return undefined;
    }
  }

  private async ask(live: LiveSession): Promise<LeaseListing> {
    const limit = this.sessions.limit(live.signal);
    const { leases } = this.ports;
    const listing = await callWithin(limit, (signal) => leases.list(signal));
    // Leases of an application's own may have been written before there was this.
    const { sessions }: Partial<LeaseListing> = listing;
    if (sessions !== undefined) return listing;
    throw new LeaseStoreError(`${limit.asked} lists no sessions`);
  }

  private period({ session }: LiveSession): number {
    const periods = this.listener.isWaiting
      ? betweenListingsWhileWaiting
      : betweenListings;
    return session.ttl * periods * (1 - this.ports.random() / 5);
  }

  private async followHints(
    revision: bigint,
    live: LiveSession,
  ): Promise<void> {
    this.hints?.abort();
    const hints = new AbortController();
    this.hints = hints;
    const { signal } = hints;
    try {
      for await (const some of this.ports.leases.changes(revision, signal)) {
        this.hintsBackoff.reset();
        for (const change of some) {
          if (signal.aborted || !live.isAlive) return;
          this.listener.changed(change, live);
        }
      }
    } catch {
      // As if it had ended.
    }
    if (!signal.aborted) this.listAfter(this.hintsBackoff.next());
  }
}
