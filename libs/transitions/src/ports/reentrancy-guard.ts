import { AsyncResource } from 'node:async_hooks';
import type { ReentrancyGuard } from '../core/guard.js';
import { IdTrail } from './id-trail.js';
import { StorageTrail } from './storage-trail.js';
import type { Trail } from './trail.js';

// From Node 24 on an AsyncLocalStorage costs a promise nothing.
const storageIsCheap = Number.parseInt(process.versions.node, 10) >= 24;

// Made before any transition, and any request, it belongs to none.
const nowhere = new AsyncResource('nestjs-transitions');

/**
 * Follows transitions through their callbacks, however asynchronous, so that a
 * reload asked for inside one is an error at once and not a deadlock. What a
 * callback leaves behind, such as a server or a timer, counts as inside only
 * while that very transition runs.
 */
export class AsyncReentrancyGuard implements ReentrancyGuard {
  /** Those of the transitions that run. */
  private readonly trails = new Set<Trail>();

  constructor(
    private readonly makeTrail: () => Trail = storageIsCheap
      ? () => new StorageTrail()
      : () => new IdTrail(),
  ) {}

  async run<T>(transition: () => Promise<T>): Promise<T> {
    const trail = this.makeTrail();
    this.trails.add(trail);
    try {
      return await trail.run(transition);
    } finally {
      trail.end();
      this.trails.delete(trail);
    }
  }

  outside(work: () => void): void {
    nowhere.runInAsyncScope(work);
  }

  isInside(): boolean {
    for (const trail of this.trails) if (trail.isHere) return true;
    return false;
  }
}
