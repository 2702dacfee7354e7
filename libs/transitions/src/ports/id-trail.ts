import { AsyncResource, createHook, executionAsyncId } from 'node:async_hooks';
import { IdRanges } from './id-ranges.js';
import type { Trail } from './trail.js';

/**
 * A trail that is a set of the ids that Node gives to asynchronous work: what
 * work on it begins is on it too. Under Node 20 that is half of what an
 * AsyncLocalStorage costs at each promise, and it ends with the trail, while a
 * storage that was used once slows every promise of the process for good.
 */
export class IdTrail implements Trail {
  readonly ids: IdRanges;
  /** The next older one of those that are followed. */
  older: IdTrail | undefined;
  private readonly start = new AsyncResource('nestjs-transitions');

  constructor() {
    this.ids = new IdRanges(this.start.asyncId());
  }

  run<T>(work: () => T): T {
    follow(this);
    return this.start.runInAsyncScope(work);
  }

  get isHere(): boolean {
    return this.ids.has(executionAsyncId());
  }

  end(): void {
    unfollow(this);
  }
}

// Nothing is ever on it. It is there because the engine forgets what it has
// optimised for objects of a kind when the last of them is collected.
const nobodys = new IdTrail();

let newest = nobodys;

const hook = createHook({
  init(id) {
    const current = executionAsyncId();
    let trail: IdTrail | undefined = newest;
    do {
      if (trail.ids.has(current)) trail.ids.add(id);
      trail = trail.older;
    } while (trail !== undefined);
  },
});

function follow(trail: IdTrail): void {
  trail.older = newest;
  newest = trail;
  hook.enable();
}

function unfollow(trail: IdTrail): void {
  if (newest === trail) newest = trail.older!;
  else {
    let newer = newest;
    while (newer.older !== trail) newer = newer.older!;
    newer.older = trail.older;
  }
  if (newest === nobodys) hook.disable();
}
