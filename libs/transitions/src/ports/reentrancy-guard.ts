import { AsyncResource } from 'node:async_hooks';
import type { ReentrancyGuard } from '../core/guard.js';
import { AsyncIdScope } from './async-id-scope.js';
import { AsyncStorageScope } from './async-storage-scope.js';
import type { AsyncScope } from './async-scope.js';

// From Node 24 on, an AsyncLocalStorage costs promises nothing.
const storageIsCheap = Number.parseInt(process.versions.node, 10) >= 24;

// Made at import, so it is in no transition's and no request's scope.
const nowhere = new AsyncResource('nestjs-transitions');

/**
 * Follows transitions through their callbacks, however asynchronous these are.
 * So a reload that is asked for inside a callback is an error at once, and not
 * a deadlock. What a callback leaves behind, such as a server or a timer,
 * counts as inside only while that very transition runs.
 */
export class AsyncReentrancyGuard implements ReentrancyGuard {
  /** One for each transition that runs. */
  private readonly scopes = new Set<AsyncScope>();

  constructor(
    private readonly makeScope: () => AsyncScope = storageIsCheap
      ? () => new AsyncStorageScope()
      : () => new AsyncIdScope(),
  ) {}

  async run<T>(transition: () => Promise<T>): Promise<T> {
    const scope = this.makeScope();
    this.scopes.add(scope);
    try {
      return await scope.run(transition);
    } finally {
      scope.end();
      this.scopes.delete(scope);
    }
  }

  outside(work: () => void): void {
    nowhere.runInAsyncScope(work);
  }

  isInside(): boolean {
    for (const scope of this.scopes) if (scope.isHere) return true;
    return false;
  }
}
