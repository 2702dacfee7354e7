import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AsyncReentrancyGuard } from './reentrancy-guard.js';
import { AsyncIdScope } from './async-id-scope.js';
import { AsyncStorageScope } from './async-storage-scope.js';
import { deferred } from '../testing/journal.js';

const settled = Promise.resolve();

class LateThenable implements PromiseLike<void> {
  // oxlint-disable-next-line unicorn/no-thenable -- to await one is the point
  readonly then: PromiseLike<void>['then'] = (resolve) => {
    setImmediate(() => void resolve?.());
    return new Promise(() => {});
  };
}

/** Ways in which work goes on. Each calls back once. */
const ways: Record<string, (callback: () => void) => unknown> = {
  'at once': (callback) => callback(),
  'after an await': async (callback) => {
    await Promise.resolve();
    callback();
  },
  'after a promise that was there before': async (callback) => {
    await settled;
    callback();
  },
  'in a microtask': queueMicrotask,
  'in the next tick': (callback) => process.nextTick(callback),
  'in the next turn': setImmediate,
  'from a timer': (callback) => setTimeout(callback, 1),
  'from an interval': (callback) => {
    const interval = setInterval(() => {
      clearInterval(interval);
      callback();
    }, 1);
  },
  'after I/O': async (callback) => {
    await stat('.');
    callback();
  },
  'after a thenable': async (callback) => {
    await new LateThenable();
    callback();
  },
  'in a server that it began': (callback) => {
    const server = createServer((_request, response) => {
      callback();
      response.end(() => server.close());
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      request({ port, agent: false }).end();
    });
  },
  'many awaits and turns later': async (callback) => {
    for (let round = 0; round < 100; round++) {
      await new Promise(setImmediate);
      await settled;
    }
    callback();
  },
};

/** Whether it is inside after a promise, and again after a timer. */
async function lookTwice(
  guard: AsyncReentrancyGuard,
  after: Promise<void>,
): Promise<boolean[]> {
  await after;
  const first = guard.isInside();
  await wait(1);
  return [first, guard.isInside()];
}

const kinds = { AsyncIdScope, AsyncStorageScope };

describe.each(Object.entries(kinds))('%s', (_name, AsyncScope) => {
  const makeGuard = () => new AsyncReentrancyGuard(() => new AsyncScope());

  it.each(Object.entries(ways))('is there %s', async (_way, goOn) => {
    const guard = makeGuard();
    await guard.run(async () => {
      const seen = deferred<boolean>();
      goOn(() => seen.resolve(guard.isInside()));
      expect(await seen.promise).toBe(true);
      expect(guard.isInside()).toBe(true);
    });
    expect(guard.isInside()).toBe(false);
  });

  it.each(Object.entries(ways))(
    'is not where others go on %s meanwhile',
    async (_way, goOn) => {
      const guard = makeGuard();
      const end = deferred();
      const running = guard.run(async () => {
        await end.promise;
        expect(guard.isInside()).toBe(true);
      });
      const seen = deferred<boolean>();
      goOn(() => seen.resolve(guard.isInside()));
      expect(await seen.promise).toBe(false);
      end.resolve();
      await running;
    },
  );

  it('is not where others go on that had begun before it', async () => {
    const guard = makeGuard();
    const begun = deferred();
    const other = lookTwice(guard, begun.promise);
    await guard.run(async () => {
      begun.resolve();
      expect(await other).toEqual([false, false]);
      expect(guard.isInside()).toBe(true);
    });
  });

  it('is not in what it left behind, in a later one neither', async () => {
    const guard = makeGuard();
    const goOn = deferred();
    let left = Promise.resolve([true]);
    await guard.run(async () => {
      left = lookTwice(guard, goOn.promise);
    });
    await guard.run(async () => {
      goOn.resolve();
      expect(await left).toEqual([false, false]);
      expect(guard.isInside()).toBe(true);
    });
  });

  it('is told from another that runs inside it, or beside it', async () => {
    const [one, other] = [makeGuard(), makeGuard()];
    const beside = deferred();
    const insides = () => [one.isInside(), other.isInside()];
    await one.run(async () => {
      await wait(1);
      expect(insides()).toEqual([true, false]);
      await other.run(async () => {
        await wait(1);
        expect(insides()).toEqual([true, true]);
      });
      await wait(1);
      expect(insides()).toEqual([true, false]);
    });
    const waiting = other.run(() => beside.promise);
    await one.run(async () => {
      await wait(1);
      expect(insides()).toEqual([true, false]);
    });
    beside.resolve();
    await waiting;
  });

  it('is not outside of what it is about', async () => {
    const guard = makeGuard();
    await guard.run(async () => {
      const seen = deferred<boolean>();
      guard.outside(() => setImmediate(() => seen.resolve(guard.isInside())));
      expect(await seen.promise).toBe(false);
    });
  });

  it('is where a bound function is called that it made, whoever calls', async () => {
    const guard = makeGuard();
    const end = deferred();
    let bound = (): boolean => false;
    const running = guard.run(async () => {
      bound = AsyncResource.bind(() => guard.isInside());
      await end.promise;
    });
    expect(bound()).toBe(true);
    end.resolve();
    await running;
    expect(bound()).toBe(false);
  });

  it('leaves the storages of others what they were', async () => {
    const storage = new AsyncLocalStorage<string>();
    await storage.run('of a request', () =>
      makeGuard().run(async () => {
        await wait(1);
        expect(storage.getStore()).toBe('of a request');
      }),
    );
  });

  it('ends when the transition throws', async () => {
    const guard = makeGuard();
    const failing = guard.run(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(guard.isInside()).toBe(false);
  });

  it('is followed where the hooks of others begin work of their own', async () => {
    const others: AsyncResource[] = [];
    const hook = createHook({
      init(_id, type) {
        if (type !== 'Other') others.push(new AsyncResource('Other'));
      },
    }).enable();
    const guard = makeGuard();
    await guard.run(async () => {
      for (let round = 0; round < 10; round++) {
        await wait(1);
        expect(guard.isInside()).toBe(true);
      }
    });
    hook.disable();
    expect(others.length).toBeGreaterThan(0);
  });
});
