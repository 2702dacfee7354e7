import { doInSlices } from '../time/slices.js';
import { ClaimDesk } from './claim-desk.js';
import { Deadline, type Moment } from './deadline.js';
import { Ending } from './ending.js';
import { Following } from './following.js';
import {
  LeaseBooks,
  type HeldVolume,
  type WaitingVolume,
} from './lease-books.js';
import { LeaseLostError } from './lease-lost.error.js';
import type {
  LeaseListener,
  LeasePorts,
  LeaseSettings,
  LeaseWork,
  LossReason,
  SessionState,
} from './lease-ports.js';
import { judgeChange, judgingListing } from './listing-judge.js';
import { LeaseTrouble } from './lease-trouble.js';
import type { LiveSession } from './live-session.js';
import { Losses } from './losses.js';
import { fittingNote } from './note.js';
import { Releasing } from './releasing.js';
import { SessionKeeper } from './session-keeper.js';
import {
  LeaseStoreError,
  type LeaseChange,
  type LeaseListing,
  type SessionEnd,
} from './serving-leases.js';

/**
 * The leases of this process: what it holds in the store, and for how long it
 * may be sure of it.
 *
 * How a coordinator uses it:
 *
 * - At boot: `start()`.
 * - In each transition, after the last unserveVolume and before the first
 *   serveVolume: `claim(volumes)` with all that is to be served. It never
 *   rejects. What it hands out has a fencing token and a predecessor; the rest
 *   waits, and the transition goes on without it. Right before a volume is
 *   served, `holds(volume)` must still be the token that was handed out: it may
 *   have been lost in between, and `lost` was told then. Whatever was handed out
 *   and is not served after all is released.
 * - When the *last* participant's unserveVolume has settled well:
 *   `release(volume, note)`. If any of them failed or is unknown, it is not
 *   called: then nobody else gets the volume until this process is gone.
 * - To serve a volume again that was unserved, as in a rollback, released or not:
 *   `claim` it again. If it is still ours, that gives a new token.
 * - A configuration that takes waiting volumes away: `unwait(volumes)`.
 * - At each use: `holds(volume)` or `assertHeld(volume, token)`. They look at the
 *   clocks, so that a process that was stopped and goes on lets nothing in.
 * - On `lost(volumes, reason)`: close the gate within that call; then tell the
 *   participants, before these volumes are claimed again; then `wait(volumes)`
 *   for what the configuration still gives, or `claim` it in a transition.
 * - On `free(volumes)`: a small transition that claims and serves them.
 * - In Down: `beginToEnd()`, `release` each volume that was unserved well, then
 *   `end()`.
 *
 * It takes nothing from another session, whatever that holds. All that it asks
 * of the store may fail, come late or happen twice.
 */
export class LeaseKeeper {
  private readonly books = new LeaseBooks();
  private readonly sessions: SessionKeeper;
  private readonly desk: ClaimDesk;
  private readonly releasing: Releasing;
  private readonly following: Following;
  private readonly losses: Losses;
  private readonly ending: Ending;
  private readonly claimTrouble: LeaseTrouble;
  private isStopped = false;

  constructor(
    private readonly ports: LeasePorts,
    settings: LeaseSettings,
    listener: LeaseListener,
  ) {
    const { books } = this;
    this.losses = new Losses(books, ports.clock, listener);
    this.sessions = new SessionKeeper(
      ports,
      settings,
      {
        opened: (live) => this.opened(live),
        lost: (reason) => this.lostAll(reason),
        state: (state) => listener.session?.(state),
      },
      (now) => this.newDeadline(now),
    );
    const troubleOf = (work: LeaseWork): LeaseTrouble =>
      new LeaseTrouble(work, this.sessions, listener);
    this.claimTrouble = troubleOf('claims');
    this.releasing = new Releasing(
      this.sessions,
      books,
      ports.random,
      troubleOf('releases'),
    );
    this.ending = new Ending(this.sessions, books, this.releasing);
    this.desk = new ClaimDesk({
      ports,
      sessions: this.sessions,
      books,
      releasing: this.releasing,
      trouble: this.claimTrouble,
      onFree: (volumes) => listener.free(volumes),
      onDoubt: () => this.following.doubt(),
    });
    this.following = new Following(
      ports,
      this.sessions,
      troubleOf('listings'),
      {
        listed: (list, live) => this.desk.take(() => this.relist(list, live)),
        changed: (change, live) => this.changed(change, live),
        get isWaiting() {
          return books.isAnyWaiting;
        },
      },
    );
  }

  /** Begins to open a session. */
  start(): void {
    this.sessions.start();
  }

  /** How it is with the session. */
  get session(): SessionState {
    return this.sessions.state;
  }

  /**
   * Whether there is a session, by the clocks, and what waits can be claimed as soon
   * as it is free.
   */
  get isWell(): boolean {
    if (this.sessions.live === undefined) return false;
    return !this.claimTrouble.isFailing || !this.books.isAnyWaiting;
  }

  /** What is wanted here and was not handed out yet. */
  get waiting(): readonly WaitingVolume[] {
    return this.books.waiting;
  }

  /**
   * The fencing token of a volume that is ours at this very moment. If the
   * session's time turns out to be over, `lost` is told within this call.
   */
  holds(volume: string): bigint | undefined {
    const token = this.books.tokenOf(volume);
    if (token === undefined || this.sessions.live === undefined) {
      return undefined;
    }
    return token;
  }

  /**
   * As `holds`, with the token that was handed out.
   *
   * @throws LeaseLostError if the volume is not ours with this token
   */
  assertHeld(volume: string, token: bigint): void {
    if (this.holds(volume) !== token) throw new LeaseLostError(volume, token);
  }

  /**
   * Claims volumes that are not served here at this moment; one attempt each. It
   * waits for a session if one is being opened.
   *
   * @returns what is ours, by volume. What is missing waits, also where the store
   * did not answer.
   */
  async claim(
    volumes: readonly string[],
  ): Promise<ReadonlyMap<string, HeldVolume>> {
    const claimed = new Map<string, HeldVolume>();
    if (this.isEnding || volumes.length === 0) return claimed;
    const missing = volumes.filter((volume) => !this.handOut(volume, claimed));
    if (missing.length === 0) return claimed;
    const since = this.ports.wallClock();
    for (const volume of missing) this.books.wait(volume, since);
    await this.sessions.settled();
    await this.desk.claim(missing);
    for (const volume of missing) this.handOut(volume, claimed);
    return claimed;
  }

  /** These are wanted, but not now: `free` is told once they are ours. What is held already is left alone. */
  wait(volumes: readonly string[]): void {
    if (this.isEnding) return;
    const since = this.ports.wallClock();
    for (const volume of volumes) {
      if (this.books.tokenOf(volume) !== undefined) continue;
      this.books.wait(volume, since);
      this.desk.claimSoon(volume);
    }
  }

  /** These are not wanted any more. */
  unwait(volumes: readonly string[]): void {
    for (const volume of volumes) this.books.unwait(volume);
    void this.releasing.run();
  }

  /**
   * No participant serves the volume any more: the next peer may have it. From
   * here on it is not held. It is let go in the store as soon as that answers,
   * and only if it is still held there with the token of our claim.
   *
   * @param note for the next one; what is longer than 4 KiB is cut
   */
  release(volume: string, note = ''): void {
    this.books.release(volume, fittingNote(note));
    this.ending.letGo();
  }

  /**
   * The store's data is lost, or it is another one, and an operator says that it
   * is to be used all the same. It is remembered once it has answered. The store
   * in use may be confirmed too, which changes nothing.
   *
   * @throws LeaseStoreNotFoundError unless `session` has told of this store
   */
  confirmStore(storeId: string): void {
    this.sessions.confirmStore(storeId);
  }

  /** Nothing is claimed any more. What is released from now on is kept until `end`, which lets it go. */
  beginToEnd(): void {
    this.desk.close();
    this.following.end();
    this.ending.gather();
  }

  /**
   * Nothing is claimed any more, and what was released is let go. If that was
   * all, the session is ended in the store, and what has no note goes with it,
   * at once. Otherwise it is kept up as long as the process lives, or until the
   * rest is released too.
   *
   * @returns what is still held
   */
  async end(): Promise<readonly string[]> {
    this.beginToEnd();
    this.books.unwaitAll();
    await this.ending.finish();
    return this.books.heldVolumes;
  }

  /** Stops at once, as if the process had: nothing is told, and nothing let go. */
  stop(): void {
    this.isStopped = true;
    this.desk.close();
    this.following.end();
    this.sessions.stop();
  }

  /** How the time of a session is counted. */
  protected newDeadline(now: () => Moment): Deadline {
    return new Deadline(now);
  }

  private get isEnding(): boolean {
    return this.isStopped || this.ending.isBegun;
  }

  private handOut(volume: string, to: Map<string, HeldVolume>): boolean {
    if (this.holds(volume) === undefined) return false;
    const held = this.books.handOut(volume);
    if (held !== undefined) to.set(volume, held);
    return held !== undefined;
  }

  private opened(live: LiveSession): void {
    if (!this.isEnding) this.following.begin(live);
  }

  private lostAll(reason: LossReason): void {
    const { isReleasing } = this.books;
    this.losses.loseAll(reason);
    if (!this.isEnding) return;
    const error = new LeaseStoreError(
      `The session was lost (${reason}) before it was ended`,
    );
    this.sessions.stop(isReleasing ? error : undefined);
  }

  private async relist(
    list: () => Promise<LeaseListing>,
    live: LiveSession,
  ): Promise<void> {
    const listing = await list();
    if (!live.isAlive || !this.sessions.foundStore(listing.storeId)) return;
    if (!listing.sessions.has(live.id)) return live.lose('session');
    const judging = judgingListing(listing, this.books, live);
    const { lost, claimable } = await doInSlices(judging, this.ports.clock);
    if (!live.isAlive) return;
    this.losses.loseVolumes(lost);
    void this.releasing.run();
    await this.desk.claimAndTell(claimable);
  }

  private changed(change: LeaseChange, live: LiveSession): void {
    if (change.volume === undefined) return this.ended(change, live);
    const { lost, claimable } = judgeChange(change, this.books);
    for (const volume of claimable) this.desk.claimSoon(volume);
    this.losses.loseVolumesOfThisTurn(lost);
  }

  private ended({ session, revision }: SessionEnd, live: LiveSession): void {
    if (session === live.id) return live.lose('session');
    const free = this.books.noteEnd(session, revision);
    for (const volume of free) this.desk.claimSoon(volume);
  }
}
