import type { Clock } from '../time/clock.js';
import type { LeaseBooks } from './lease-books.js';
import type { LeaseListener, LossReason } from './lease-ports.js';

/** What is not ours any more leaves the books first, and is told then. */
export class Losses {
  private readonly untold: string[] = [];

  constructor(
    private readonly books: LeaseBooks,
    private readonly clock: Clock,
    private readonly listener: LeaseListener,
  ) {}

  /** The session is over. */
  loseAll(reason: LossReason): void {
    this.tell(this.books.loseAll(), reason);
  }

  /** A listing has others, or nobody, for these. */
  loseVolumes(volumes: readonly string[]): void {
    this.tell(this.drop(volumes), 'key');
  }

  /**
   * Changes have. Many may be taken together, and their changes come one by one in
   * one turn of the process: they are told together after it.
   */
  loseVolumesOfThisTurn(volumes: readonly string[]): void {
    const dropped = this.drop(volumes);
    if (dropped.length === 0) return;
    if (this.untold.length === 0) {
      this.clock.yieldTo(() => this.tell(this.untold.splice(0), 'key'));
    }
    for (const volume of dropped) this.untold.push(volume);
  }

  /** Returns whom to tell of. */
  private drop(volumes: readonly string[]): readonly string[] {
    return volumes.filter((volume) => this.books.lose(volume));
  }

  private tell(volumes: readonly string[], reason: LossReason): void {
    if (volumes.length > 0) this.listener.lost(volumes, reason);
  }
}
