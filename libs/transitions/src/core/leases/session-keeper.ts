import { errorAsJson, withJson } from '../model/json.js';
import { Backoff } from '../time/backoff.js';
import {
  betweenFailures,
  callWithin,
  pause,
  type CallLimit,
} from './bounded-call.js';
import { Deadline, type Moment } from './deadline.js';
import type {
  LeasePorts,
  LeaseSettings,
  LossReason,
  SessionState,
} from './lease-ports.js';
import { LiveSession, type SessionCare } from './live-session.js';
import type { LeaseSession } from './serving-leases.js';
import { RightStore } from './right-store.js';

/** A new session after a loss is opened within this, in milliseconds: peers that lost theirs together come back one by one. */
const longestJitter = 1_000;
/** How often it looks whether the store is the expected one again. */
const betweenLooks = 10_000;

const defaultCallTimeout = 3_000;

/** What hears of sessions. */
export interface SessionListener {
  opened(live: LiveSession): void;
  /** Before anything else happens. */
  lost(reason: LossReason): void;
  state(state: SessionState): void;
}

/** Sees to it that there is a session: one at a time, and a new one after each loss. */
export class SessionKeeper {
  private readonly controller = new AbortController();
  private readonly backoff: Backoff;
  private current: LiveSession | undefined;
  private attempt: Promise<boolean> | undefined;
  private readonly store: RightStore;
  private wake = (): void => {};
  private told: SessionState = { state: 'opening' };

  constructor(
    private readonly ports: LeasePorts,
    private readonly settings: LeaseSettings,
    private readonly listener: SessionListener,
    private readonly newDeadline: (now: () => Moment) => Deadline,
  ) {
    this.backoff = new Backoff(betweenFailures, ports.random);
    this.store = new RightStore(ports.memory);
  }

  /** The session that is surely alive at this moment. */
  get live(): LiveSession | undefined {
    return this.current?.isAlive ? this.current : undefined;
  }

  get state(): SessionState {
    return this.told;
  }

  /** How a call of the store is limited. */
  limit(signal: AbortSignal): CallLimit {
    const milliseconds = this.settings.callTimeout ?? defaultCallTimeout;
    const { leases, clock } = this.ports;
    return { asked: leases.describe(), clock, milliseconds, signal };
  }

  start(): void {
    void this.open(0);
  }

  /** Settles when no attempt to open a session is under way. */
  async settled(): Promise<void> {
    await this.attempt;
  }

  /**
   * From now on this is the right store, though it is another one than before:
   * its tokens may be lower than those that were given out. Of the one that is
   * right already it changes nothing.
   *
   * @throws LeaseStoreNotFoundError unless it was found
   */
  confirmStore(storeId: string): void {
    if (!this.store.confirm(storeId)) return;
    this.backoff.reset();
    this.wake();
  }

  /** A store has answered. Whether it is the right one: otherwise the session is lost. */
  foundStore(found: string): boolean {
    if (this.store.isIt(found)) return true;
    this.current?.lose('store', found);
    return false;
  }

  /**
   * No session any more: the one there is is not renewed, and ends in the store by itself.
   *
   * @param error - why it was not ended there, if it should have been
   */
  stop(error?: unknown): void {
    if (this.controller.signal.aborted) return;
    this.controller.abort(new Error('Leases are ended'));
    this.current?.stop();
    this.current = undefined;
    this.tell(
      error === undefined ? { state: 'ended' } : { state: 'ended', error },
    );
  }

  private async open(delay: number): Promise<void> {
    let wait = delay;
    while (!this.controller.signal.aborted) {
      if (wait > 0) await this.sleep(wait);
      if (this.controller.signal.aborted) return;
      const attempt = this.tryToOpen();
      this.attempt = attempt;
      const isOpen = await attempt;
      this.attempt = undefined;
      if (isOpen) return;
      // Whoever was told of it may have confirmed it.
      const isOther =
        this.told.state === 'otherStore' &&
        this.told.found !== this.store.expected;
      wait = isOther ? betweenLooks : this.backoff.next();
    }
  }

  /** Whether it was opened. If it is lost already, another attempt was begun. */
  private async tryToOpen(): Promise<boolean> {
    const limit = this.limit(this.controller.signal);
    let sent: Moment;
    let session: LeaseSession | undefined;
    try {
      await this.store.recall(limit);
      sent = this.now();
      session = await callWithin(limit, (signal) =>
        this.ports.leases.openSession(this.settings.owner, signal),
      );
      // Before anything is claimed there.
      if (this.foundStore(session.storeId)) await this.store.remember(limit);
    } catch (error) {
      if (session !== undefined) this.endUnused(session);
      if (!this.controller.signal.aborted) {
        this.tell({ state: 'unreachable', id: undefined, error });
      }
      return false;
    }
    if (this.controller.signal.aborted) return false;
    if (!this.store.isIt(session.storeId)) {
      this.tellOtherStore(session.storeId);
      this.endUnused(session);
      return false;
    }
    const deadline = this.newDeadline(() => this.now());
    deadline.extend(sent, session.ttl);
    if (deadline.left <= 0) {
      this.endUnused(session);
      return false;
    }
    this.current = new LiveSession(session, deadline, this.care(), sent);
    this.backoff.reset();
    this.store.isBack();
    this.tell(this.openState(session));
    this.listener.opened(this.current);
    return true;
  }

  /** It holds nothing, so it may as well end at once. */
  private endUnused(session: LeaseSession): void {
    const limit = this.limit(this.controller.signal);
    callWithin(limit, (signal) => session.end(signal)).catch(() => {});
  }

  private care(): SessionCare {
    return {
      ports: this.ports,
      now: () => this.now(),
      callTimeout: this.settings.callTimeout ?? defaultCallTimeout,
      onLost: (reason, found) => this.onLost(reason, found),
      onRenewal: (error) => this.onRenewal(error),
    };
  }

  private onLost(reason: LossReason, found: string | undefined): void {
    this.current = undefined;
    this.listener.lost(reason);
    if (this.controller.signal.aborted) return;
    if (found === undefined) this.tell({ state: 'opening' });
    else this.tellOtherStore(found);
    void this.open(1 + this.ports.random() * longestJitter);
  }

  private onRenewal(error: unknown): void {
    const { session } = this.current!;
    this.tell(
      error === undefined
        ? this.openState(session)
        : { state: 'unreachable', id: session.id, error },
    );
  }

  private openState({ id, ttl }: LeaseSession): SessionState {
    return { state: 'open', id, ttl, store: this.ports.leases.describe() };
  }

  private tellOtherStore(found: string): void {
    const { expected = '' } = this.store;
    this.store.foundOther(found);
    this.tell({ state: 'otherStore', expected, found });
  }

  /** Once for each change. */
  private tell(state: SessionState): void {
    const isNews = isOtherThan(this.told, state);
    this.told =
      'error' in state
        ? withJson(state, () => ({ error: errorAsJson(state.error) }))
        : state;
    if (isNews) this.listener.state(this.told);
  }

  private now(): Moment {
    return {
      monotonic: this.ports.clock.now(),
      wall: this.ports.wallClock(),
    };
  }

  /** Until the time is over, somebody wakes it, or there is no more to be done. */
  private async sleep(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    const waking = new AbortController();
    const wake = (): void => waking.abort();
    this.wake = wake;
    this.controller.signal.addEventListener('abort', wake);
    await pause({
      clock: this.ports.clock,
      milliseconds,
      signal: waking.signal,
    });
    this.controller.signal.removeEventListener('abort', wake);
  }
}

function isOtherThan(told: SessionState, now: SessionState): boolean {
  if (told.state !== now.state) return true;
  return (
    told.state === 'otherStore' &&
    now.state === 'otherStore' &&
    told.found !== now.found
  );
}
