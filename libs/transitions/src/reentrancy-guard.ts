import { AsyncLocalStorage } from 'node:async_hooks';
import type { ReentrancyGuard } from './core/coordinator.js';

/**
 * Follows transitions through their callbacks, however asynchronous, so that a
 * reload asked for inside one is an error at once and not a deadlock. What a
 * callback leaves behind, such as a server or a timer, counts as inside only
 * while that very transition runs.
 */
export class AsyncReentrancyGuard implements ReentrancyGuard {
  private readonly storage = new AsyncLocalStorage<{ running: boolean }>();

  async run<T>(transition: () => Promise<T>): Promise<T> {
    const mark = { running: true };
    try {
      return await this.storage.run(mark, transition);
    } finally {
      mark.running = false;
    }
  }

  isInside(): boolean {
    return this.storage.getStore()?.running ?? false;
  }
}
