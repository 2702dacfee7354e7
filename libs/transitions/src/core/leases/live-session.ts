import { callWithin } from './bounded-call.js';
import type { Deadline, Moment } from './deadline.js';
import type { LeasePorts, LossReason } from './lease-ports.js';
import type { LeaseSession, RenewedSession } from './serving-leases.js';

/** Of the ttl: how long after a renewal that was answered the next is sent. */
const betweenRenewals = 1 / 3;
/** Of the ttl: how long after one that is not answered, give or take a quarter. */
const betweenAttempts = 1 / 12;

/** So many renewals wait for their answer at most. */
const mostUnanswered = 4;

/** What a session needs besides the session itself. */
export interface SessionCare {
  readonly ports: LeasePorts;
  readonly now: () => Moment;
  /** In milliseconds. */
  readonly callTimeout: number;
  /** Called once, and before anything else when the session is over. */
  readonly onLost: (reason: LossReason, foundStore?: string) => void;
  /** A renewal was answered, or failed. */
  readonly onRenewal: (error?: unknown) => void;
}

/**
 * An open session, from its opening to its loss. It is renewed after a third of
 * its ttl. While no answer comes, another renewal is sent every twelfth, beside
 * those that wait: one lost request or a slow store costs little.
 */
export class LiveSession {
  private readonly controller = new AbortController();
  private cancelRenewal = (): void => {};
  private cancelWatch = (): void => {};
  private unanswered = 0;
  /** As the signal says, which costs each request at the gate more to ask. */
  private isOver = false;
  /** When the last answered renewal was sent, by the monotonic clock. */
  private confirmed = -Infinity;

  constructor(
    readonly session: LeaseSession,
    private readonly deadline: Deadline,
    private readonly care: SessionCare,
    openedAt: Moment,
  ) {
    this.renewAfter(session.ttl * betweenRenewals, openedAt);
    this.watchDeadline();
  }

  get id(): string {
    return this.session.id;
  }

  /** Aborts when the session is over for us. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Looks at the clocks, at each call: no timer need have fired. */
  get isAlive(): boolean {
    if (this.isOver) return false;
    if (this.deadline.left > 0) return true;
    this.lose('deadline');
    return false;
  }

  /** The session is over: it tells so, and stops all that goes on in it. */
  lose(reason: LossReason, foundStore?: string): void {
    if (this.isOver) return;
    this.stop();
    this.care.onLost(reason, foundStore);
  }

  /** It is not looked after any more. Nobody is told. */
  stop(): void {
    this.isOver = true;
    this.cancelRenewal();
    this.cancelWatch();
    this.controller.abort(new Error('The session is over'));
  }

  private watchDeadline(): void {
    const { clock } = this.care.ports;
    this.cancelWatch = clock.startTimer(
      () => {
        if (this.isAlive) this.watchDeadline();
      },
      Math.max(1, this.deadline.left),
    );
  }

  private renewAfter(milliseconds: number, since: Moment): void {
    const { clock } = this.care.ports;
    const passed = clock.now() - since.monotonic;
    this.cancelRenewal();
    this.cancelRenewal = clock.startTimer(
      () => void this.renew(),
      Math.max(0, milliseconds - passed),
    );
  }

  private async renew(): Promise<void> {
    if (!this.isAlive) return;
    const { ports, callTimeout, now, onRenewal } = this.care;
    const sent = now();
    const jitter = 0.75 + ports.random() / 2;
    this.renewAfter(this.session.ttl * betweenAttempts * jitter, sent);
    if (this.unanswered >= mostUnanswered) return;
    const limit = {
      asked: ports.leases.describe(),
      clock: ports.clock,
      milliseconds: Math.min(callTimeout, this.session.ttl * betweenRenewals),
      signal: this.signal,
    };
    let answer: RenewedSession | undefined;
    this.unanswered++;
    try {
      answer = await callWithin(limit, (signal) => this.session.renew(signal));
    } catch (error) {
      const isNews = sent.monotonic > this.confirmed;
      if (isNews && !this.isOver) onRenewal(error);
      return;
    } finally {
      this.unanswered--;
    }
    if (!this.isOver) this.take(answer, sent);
  }

  private take(answer: RenewedSession | undefined, sent: Moment): void {
    if (answer === undefined) return this.lose('session');
    if (answer.storeId !== this.session.storeId) {
      return this.lose('store', answer.storeId);
    }
    // What was sent before the last deadline and answered after it still
    // counts: the store says that the session was alive all the time.
    this.deadline.extend(sent, answer.ttl);
    this.confirmed = Math.max(this.confirmed, sent.monotonic);
    if (!this.isAlive) return;
    this.renewAfter(answer.ttl * betweenRenewals, sent);
    this.care.onRenewal();
  }
}
