import { Backoff } from '../time/backoff.js';
import {
  betweenFailures,
  callWithin,
  pause,
  volumesInCall,
} from './bounded-call.js';
import type { LeaseBooks } from './lease-books.js';
import type { LeaseTrouble } from './lease-trouble.js';
import type { LiveSession } from './live-session.js';
import type { Release } from './serving-leases.js';
import type { SessionKeeper } from './session-keeper.js';

/**
 * Lets go in the store what the books say, until that is done or the session is
 * over. One call at a time; what comes meanwhile goes with the next.
 */
export class Releasing {
  private which: 'all' | 'noted' = 'all';
  private isRunning = false;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly sessions: SessionKeeper,
    private readonly books: LeaseBooks,
    private readonly random: () => number,
    private readonly trouble: LeaseTrouble,
  ) {}

  /** Settles when nothing is left to be released, or the session is over. Never rejects. */
  run(): Promise<void> {
    if (!this.isRunning) this.last = this.releaseAll();
    return this.last;
  }

  /** As `run`, and from now on only for what has a note: the rest goes with the end of the session. */
  runNoted(): Promise<void> {
    this.which = 'noted';
    return this.run();
  }

  private async releaseAll(): Promise<void> {
    this.isRunning = true;
    const backoff = new Backoff(betweenFailures, this.random);
    for (;;) {
      const { live } = this.sessions;
      if (live === undefined) break;
      const batch = this.books.firstReleases(volumesInCall, this.which);
      if (batch.length === 0) break;
      if (await this.release(batch, live)) backoff.reset();
      else {
        const { clock, signal } = this.sessions.limit(live.signal);
        await pause({ clock, signal, milliseconds: backoff.next() });
      }
    }
    // In the same turn as the last look: what is released from now on begins anew.
    this.isRunning = false;
  }

  private async release(
    batch: readonly Release[],
    live: LiveSession,
  ): Promise<boolean> {
    const limit = this.sessions.limit(live.signal);
    try {
      await callWithin(limit, (signal) => live.session.release(batch, signal));
    } catch (thrown) {
      this.trouble.failed(thrown);
      return false;
    }
    this.trouble.answered();
    this.books.settle(batch);
    return true;
  }
}
