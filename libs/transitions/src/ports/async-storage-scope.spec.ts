import { AsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { AsyncStorageScope } from './async-storage-scope.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A scope, and another that begins in what the first left behind when it ended. */
function scopesInTurn(): [WeakRef<AsyncStorageScope>, AsyncStorageScope] {
  const first = new AsyncStorageScope();
  const leftBehind = first.run(() =>
    AsyncResource.bind(() => new AsyncStorageScope()),
  );
  first.end();
  return [new WeakRef(first), leftBehind()];
}

it('a AsyncStorageScope holds on to none that had ended when it began', async () => {
  const [first, second] = scopesInTurn();
  while (first.deref() !== undefined) {
    await new Promise(setImmediate);
    collect();
  }
  expect(second.isHere).toBe(false);
});
