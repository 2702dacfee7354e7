import { AsyncResource, createHook, executionAsyncId } from 'node:async_hooks';
import { IdRanges } from './id-ranges.js';
import type { AsyncScope } from './async-scope.js';

/**
 * A scope kept as a set of the ids that Node gives to asynchronous work
 * (async_hooks). Whatever starts while an id of the set runs joins the set.
 * This is for Node 20 and 22. There it costs each promise half of what an
 * AsyncLocalStorage does, and nothing once the scope has ended, whereas a
 * storage that was used once slows every promise of the process for good.
 */
export class AsyncIdScope implements AsyncScope {
  readonly ids: IdRanges;
  /** The next older scope that is followed. These scopes form a linked list. */
  older: AsyncIdScope | undefined;
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

// Nothing is ever in it. It is kept because V8 drops the code that it has
// optimised for a class when the last object of that class is collected.
const emptyScope = new AsyncIdScope();

/** The head of the list of scopes that are followed; `emptyScope` ends it. */
let newest = emptyScope;

const hook = createHook({
  init(id) {
    const current = executionAsyncId();
    let scope: AsyncIdScope | undefined = newest;
    do {
      if (scope.ids.has(current)) scope.ids.add(id);
      scope = scope.older;
    } while (scope !== undefined);
  },
});

function follow(scope: AsyncIdScope): void {
  scope.older = newest;
  newest = scope;
  hook.enable();
}

function unfollow(scope: AsyncIdScope): void {
  if (newest === scope) newest = scope.older!;
  else {
    let newer = newest;
    while (newer.older !== scope) newer = newer.older!;
    newer.older = scope.older;
  }
  if (newest === emptyScope) hook.disable();
}
