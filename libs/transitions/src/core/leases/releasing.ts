import { BackOff } from './back-off.js';
import { callWithin, pause } from './bounded-call.js';
import type { LeaseBooks } from './lease-books.js';
import type { LiveSession } from './live-session.js';
import type { SessionKeeper } from './session-keeper.js';

/** Volumes in one call. */
const batchSize = 500;

/**
 * Lets go in the store what the books say, until that is done or the session is
 * over. One call at a time; what comes meanwhile goes with the next.
 */
export class Releasing {
  private isRunning = false;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly sessions: SessionKeeper,
    private readonly books: LeaseBooks,
    private readonly random: () => number,
  ) {}

  /** Settles when nothing is left to be released, or the session is over. Never rejects. */
  run(): Promise<void> {
    if (!this.isRunning) this.last = this.releaseAll();
    return this.last;
  }

  private async releaseAll(): Promise<void> {
    this.isRunning = true;
    const backOff = new BackOff(this.random);
    while (this.books.released.length > 0) {
      const { live } = this.sessions;
      if (live === undefined) break;
      if (await this.releaseSome(live)) backOff.reset();
      else {
        const { clock, signal } = this.sessions.limit(live.signal);
        await pause({ clock, signal, milliseconds: backOff.next() });
      }
    }
    // In the same turn as the last look: what is released from now on begins anew.
    this.isRunning = false;
  }

  private async releaseSome(live: LiveSession): Promise<boolean> {
    const batch = this.books.released.slice(0, batchSize);
    const limit = this.sessions.limit(live.signal);
    try {
      await callWithin(limit, (signal) => live.session.release(batch, signal));
    } catch {
      return false;
    }
    this.books.settle(batch);
    return true;
  }
}
