import { AsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { StorageTrail } from './storage-trail.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A trail that begins in what another one, which has ended, has left behind. */
function trailsInTurn(): [WeakRef<StorageTrail>, StorageTrail] {
  const first = new StorageTrail();
  const leftBehind = first.run(() =>
    AsyncResource.bind(() => new StorageTrail()),
  );
  first.end();
  return [new WeakRef(first), leftBehind()];
}

it('a StorageTrail holds on to none that had ended when it began', async () => {
  const [first, second] = trailsInTurn();
  while (first.deref() !== undefined) {
    await new Promise(setImmediate);
    collect();
  }
  expect(second.isHere).toBe(false);
});
