import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { ReentrancyGuard } from './core/coordinator.js';

/** A transition, in everything that it has begun. */
interface Mark {
  readonly guard: AsyncReentrancyGuard;
  /** A transition of another application that still runs around this one. */
  readonly around: Mark | undefined;
  running: boolean;
}

// One for all: Node 20 keeps every storage that was ever used, for good.
const storage = new AsyncLocalStorage<Mark>();

// Made before any transition, and any request, it belongs to none.
const nowhere = new AsyncResource('nestjs-transitions');

/**
 * Follows transitions through their callbacks, however asynchronous, so that a
 * reload asked for inside one is an error at once and not a deadlock. What a
 * callback leaves behind, such as a server or a timer, counts as inside only
 * while that very transition runs.
 */
export class AsyncReentrancyGuard implements ReentrancyGuard {
  async run<T>(transition: () => Promise<T>): Promise<T> {
    const mark: Mark = { guard: this, around: runningMark(), running: true };
    try {
      return await storage.run(mark, transition);
    } finally {
      mark.running = false;
    }
  }

  outside(work: () => void): void {
    nowhere.runInAsyncScope(work);
  }

  isInside(): boolean {
    let mark = runningMark();
    while (mark !== undefined && mark.guard !== this) {
      mark = nearestRunning(mark.around);
    }
    return mark !== undefined;
  }
}

function runningMark(): Mark | undefined {
  return nearestRunning(storage.getStore());
}

// Those that have ended are skipped, or a reload that a timer of a reload asks
// for would hold on to all that were before it.
function nearestRunning(from: Mark | undefined): Mark | undefined {
  let mark = from;
  while (mark !== undefined && !mark.running) mark = mark.around;
  return mark;
}
