/** Time as core sees it. Nothing in core has a clock of its own. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /**
   * The same without the fraction: an integer that is small enough for the
   * engine to store without allocating, however often it is read.
   */
  tick(): number;
  /**
   * Calls back once, after so many milliseconds. Returns a function that
   * cancels it.
   */
  startTimer(
    callback: () => void,
    milliseconds: number,
    options?: {
      /** Whether the process stays alive for it. Default true. */
      readonly keepsAlive?: boolean;
    },
  ): () => void;
  /** Calls back after the process has had a turn for other work. */
  yieldTo(callback: () => void): void;
}

/** Waits for a promise, but for at most so many milliseconds. Never rejects. */
export async function withinTime(
  promise: Promise<unknown>,
  milliseconds: number,
  clock: Clock,
): Promise<void> {
  let cancel = (): void => {};
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.startTimer(resolve, milliseconds);
  });
  await Promise.race([promise.then(ignore, ignore), timeout]);
  cancel();
}

function ignore(): void {}
