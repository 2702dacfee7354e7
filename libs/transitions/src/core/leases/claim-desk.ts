import { Claiming } from './claiming.js';
import type { LeaseBooks } from './lease-books.js';
import type { LeasePorts } from './lease-ports.js';
import type { LeaseTrouble } from './lease-trouble.js';
import type { Releasing } from './releasing.js';
import type { SessionKeeper } from './session-keeper.js';
import { Turns } from './turns.js';

/**
 * Volumes that become free within this, in milliseconds, are claimed together,
 * and so are those that become free while something else has its turn.
 */
const gatherTime = 5;

/**
 * Of very many, the first so many are told when they are claimed, and then twice
 * as many each time: some are served while others are claimed, in few transitions.
 */
const toldFirst = 2_000;

/** What a claim desk works with. */
export interface ClaimDeskParts {
  readonly ports: LeasePorts;
  readonly sessions: SessionKeeper;
  readonly books: LeaseBooks;
  readonly releasing: Releasing;
  readonly trouble: LeaseTrouble;
  /** These were waiting and are ours now. */
  readonly onFree: (volumes: readonly string[]) => void;
  /** The store did not answer: what it did is to be found out. */
  readonly onDoubt: () => void;
}

/** Where volumes are claimed: one attempt or listing after the other, so that no listing overtakes a claim. */
export class ClaimDesk {
  private readonly claiming: Claiming;
  private readonly turns = new Turns();
  private readonly hinted = new Set<string>();
  private isClosed = false;

  constructor(private readonly parts: ClaimDeskParts) {
    const { sessions, books, trouble } = parts;
    this.claiming = new Claiming(sessions, books, trouble);
  }

  /** Work that no claim may overtake. */
  take<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.take(work);
  }

  /** One attempt for those that wait. Never rejects. */
  async claim(volumes: readonly string[]): Promise<void> {
    await this.turns
      .take(() => this.attempt(volumes))
      .catch(this.parts.onDoubt);
  }

  /** It may be free: it is claimed soon, with others. */
  claimSoon(volume: string): void {
    if (this.hinted.size === 0) this.startGathering();
    this.hinted.add(volume);
  }

  /**
   * Claims for whoever waits, and tells what has become ours. Within a turn.
   *
   * @throws what the store throws
   */
  async claimAndTell(volumes: readonly string[]): Promise<void> {
    const { books } = this.parts;
    const wanted = volumes.filter((volume) => books.isWaiting(volume));
    let count = toldFirst;
    for (let from = 0; from < wanted.length; from += count, count *= 2) {
      if (this.isClosed) return;
      const some = wanted.slice(from, from + count);
      try {
        await this.attempt(some);
      } finally {
        this.tell(some);
      }
    }
  }

  private tell(volumes: readonly string[]): void {
    const { books, onFree } = this.parts;
    const free = volumes.filter((volume) => books.isFree(volume));
    if (free.length > 0) onFree(free);
  }

  /** Nothing more is claimed by itself. */
  close(): void {
    this.isClosed = true;
  }

  private startGathering(): void {
    const { ports, onDoubt } = this.parts;
    ports.clock.startTimer(() => {
      this.turns.take(() => this.claimHinted()).catch(onDoubt);
    }, gatherTime);
  }

  private claimHinted(): Promise<void> {
    const volumes = [...this.hinted];
    this.hinted.clear();
    return this.claimAndTell(volumes);
  }

  private async attempt(volumes: readonly string[]): Promise<void> {
    try {
      await this.claiming.attempt(volumes);
    } finally {
      void this.parts.releasing.run();
    }
  }
}
