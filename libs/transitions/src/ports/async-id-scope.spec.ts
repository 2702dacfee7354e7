import { AsyncResource } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { AsyncIdScope } from './async-id-scope.js';
import { AsyncReentrancyGuard } from './reentrancy-guard.js';

/**
 * While anybody follows asynchronous work, Node stores ids on promises, which
 * slows them.
 */
const arePromisesFollowed = (): boolean =>
  Reflect.ownKeys(Promise.resolve()).length > 0;

const nextTurn = (): Promise<void> => new Promise(setImmediate);

/**
 * A function that starts further work in the scope, whoever calls it, and says
 * whether that work is in the scope.
 */
function workOn(scope: AsyncIdScope): () => Promise<boolean> {
  return scope.run(() =>
    AsyncResource.bind(async () => {
      await nextTurn();
      return scope.isHere;
    }),
  );
}

describe('AsyncIdScope', () => {
  it.each([
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])(
    'of several each is followed to its end, and no promise after the last one: %i, %i, %i',
    async (...ends) => {
      expect(arePromisesFollowed()).toBe(false);
      const scopes = [
        new AsyncIdScope(),
        new AsyncIdScope(),
        new AsyncIdScope(),
      ];
      const works = scopes.map(workOn);
      const running = new Set([0, 1, 2]);
      for (const number of ends) {
        for (const each of running) expect(await works[each]!()).toBe(true);
        expect(arePromisesFollowed()).toBe(true);
        scopes[number]!.end();
        running.delete(number);
        await nextTurn();
      }
      expect(arePromisesFollowed()).toBe(false);
    },
  );

  it('ends with the transition that a guard runs in it, whatever becomes of that', async () => {
    const guard = new AsyncReentrancyGuard(() => new AsyncIdScope());
    const running = guard.run(nextTurn);
    expect(arePromisesFollowed()).toBe(true);
    await running;
    await expect(
      guard.run(() => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    await nextTurn();
    expect(arePromisesFollowed()).toBe(false);
  });
});
