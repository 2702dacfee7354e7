import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long parsing may hold the event loop, in milliseconds. */
const usualLength = 6;

/** After how many characters a parser that works in slices looks at the clock. */
export const charactersBetweenLooks = 64 * 1024;

/** Tells when work has held the event loop for long enough. */
export class TimeSlice {
  private started = performance.now();

  /** The length is in milliseconds. */
  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly length = usualLength,
  ) {}

  /**
   * If the slice is over, goes on with the next one in the next turn of the
   * event loop. Rejects with the reason of the signal if it has aborted.
   */
  async pause(): Promise<void> {
    if (performance.now() - this.started < this.length) return;
    await nextTurn();
    this.signal?.throwIfAborted();
    this.started = performance.now();
  }
}
