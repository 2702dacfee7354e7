import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits some milliseconds; rejects with the reason of the signal when it
 * aborts.
 */
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
