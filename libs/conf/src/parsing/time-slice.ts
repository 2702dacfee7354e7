import { setImmediate as nextTurn } from 'node:timers/promises';

/** Tells when work has held the event loop for long enough. */
export class TimeSlice {
  private started = performance.now();

  /** The length is in milliseconds. */
  constructor(
    private readonly length: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  get isOver(): boolean {
    return performance.now() - this.started >= this.length;
  }

  /**
   * Begins the next slice in the next turn of the event loop. Rejects with the
   * reason of the signal if it has aborted.
   */
  async next(): Promise<void> {
    await nextTurn();
    this.signal?.throwIfAborted();
    this.started = performance.now();
  }
}
