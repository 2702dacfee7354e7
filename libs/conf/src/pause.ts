import {
  setImmediate as nextTurn,
  setTimeout as delay,
} from 'node:timers/promises';

/** Waits some milliseconds; rejects with the reason of the signal when it aborts. */
export async function sleep(
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Tells when work has held the event loop for long enough, and lets others have their turn. */
export class TimeSlice {
  readonly #length: number;
  readonly #signal: AbortSignal | undefined;
  #started = performance.now();

  /** The length of a slice is in milliseconds. */
  constructor(length: number, signal: AbortSignal | undefined) {
    this.#length = length;
    this.#signal = signal;
  }

  get isOver(): boolean {
    return performance.now() - this.#started >= this.#length;
  }

  /** Goes on in the next turn of the event loop; rejects with the reason of the signal if it aborted. */
  async next(): Promise<void> {
    await nextTurn();
    this.#signal?.throwIfAborted();
    this.#started = performance.now();
  }
}
