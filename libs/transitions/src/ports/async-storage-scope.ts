import { AsyncLocalStorage } from 'node:async_hooks';
import type { AsyncScope } from './async-scope.js';

// One for all scopes: Node 20 keeps every storage that was ever used.
const storage = new AsyncLocalStorage<AsyncStorageScope>();

/**
 * A scope that AsyncLocalStorage follows. From Node 24 on, this costs promises
 * nothing.
 */
export class AsyncStorageScope implements AsyncScope {
  /** The scope in which this one was made, if any. */
  private readonly around: AsyncStorageScope | undefined =
    storage.getStore()?.nearest;
  private hasEnded = false;

  run<T>(work: () => T): T {
    return storage.run(this, work);
  }

  get isHere(): boolean {
    let scope = storage.getStore()?.nearest;
    while (scope !== undefined && scope !== this) scope = scope.around?.nearest;
    return scope !== undefined;
  }

  end(): void {
    this.hasEnded = true;
  }

  /** The innermost scope that has not ended: this one, or one around it. */
  get nearest(): AsyncStorageScope | undefined {
    // Scopes that have ended are skipped, so that they can be collected: a
    // timer of one reload may ask for another reload, whose timer asks for the
    // next one, and so on.
    return this.hasEnded ? this.around?.nearest : this;
  }
}
