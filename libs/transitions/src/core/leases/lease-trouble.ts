import type { LeaseListener, LeaseWork } from './lease-ports.js';
import type { SessionKeeper } from './session-keeper.js';

/** Tells when calls of one kind begin to fail though the session is open, and when they are answered again. */
export class LeaseTrouble {
  /** Whether calls failed when they were tried last. */
  isFailing = false;

  constructor(
    private readonly work: LeaseWork,
    private readonly sessions: SessionKeeper,
    private readonly listener: LeaseListener,
  ) {}

  /** A call has failed. Without a session that says nothing of its own. */
  failed(error: unknown): void {
    if (this.isFailing || this.sessions.live === undefined) return;
    this.isFailing = true;
    this.listener.trouble?.(this.work, error);
  }

  /** A call was answered. */
  answered(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    this.listener.trouble?.(this.work, undefined);
  }
}
