import { withinTime } from '../time/clock.js';
import { callWithin, type CallLimit } from './bounded-call.js';
import type { LeaseBooks } from './lease-books.js';
import type { Releasing } from './releasing.js';
import type { SessionKeeper } from './session-keeper.js';

/**
 * How leases end. While anything is held, what is released is let go one by one,
 * and the session is kept. When nothing is held any more, the session ends, and
 * all that has no note goes with it, in one call: that also frees claims that
 * nobody knows of.
 */
export class Ending {
  private stage: 'none' | 'gathering' | 'ending' = 'none';
  private endOfSession: Promise<void> | undefined;

  constructor(
    private readonly sessions: SessionKeeper,
    private readonly books: LeaseBooks,
    private readonly releasing: Releasing,
  ) {}

  /** Nothing may be claimed from then on. */
  get isBegun(): boolean {
    return this.stage !== 'none';
  }

  /** What is released from now on waits for `finish`, which knows what is left. */
  gather(): void {
    this.stage = 'gathering';
  }

  /** Something was released in the books: lets it go in the store. */
  letGo(): void {
    if (this.stage === 'none') void this.releasing.run();
    else if (this.stage === 'ending') void this.finish();
  }

  /** Lets go of what was released. Settles when that is done, or its time is up. */
  async finish(): Promise<void> {
    this.stage = 'ending';
    const { books, releasing } = this;
    const released = books.isAnyHeld ? releasing.run() : releasing.runNoted();
    const { clock, milliseconds } = this.limit();
    await withinTime(released, milliseconds, clock);
    if (!books.isAnyHeld) await (this.endOfSession ??= this.endSession());
  }

  private async endSession(): Promise<void> {
    const { live } = this.sessions;
    let error: unknown;
    if (live?.isAlive) {
      const { isReleasing } = this.books;
      const { session, signal } = live;
      await callWithin({ ...this.limit(), signal }, (limited) =>
        isReleasing ? session.endInOrder(limited) : session.end(limited),
      ).catch((thrown: unknown) => (error = thrown));
    }
    this.sessions.stop(error);
  }

  private limit(): CallLimit {
    return this.sessions.limit(new AbortController().signal);
  }
}
