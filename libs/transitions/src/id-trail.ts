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
  private readonly start = new AsyncResource('nestjs-transitions');
  private readonly ids = new IdRanges(this.start.asyncId());
  private readonly hook = createHook({
    init: (id) => {
      if (this.ids.has(executionAsyncId())) this.ids.add(id);
    },
  }).enable();

  run<T>(work: () => T): T {
    return this.start.runInAsyncScope(work);
  }

  get isHere(): boolean {
    return this.ids.has(executionAsyncId());
  }

  end(): void {
    this.hook.disable();
  }
}
