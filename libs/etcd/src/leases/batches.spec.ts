import { describe, expect, it } from 'vitest';
import { batches, eachBatch } from './batches.js';

function cut(items: readonly string[], bytes = 1): string[][] {
  return [
    ...batches(
      items,
      (item) => item,
      () => bytes,
    ),
  ];
}

describe('batches', () => {
  it('have at most 480 items, and keep all of them in order', () => {
    const items = Array.from({ length: 970 }, (_, index) => `v${index}`);
    expect(cut(items).map(({ length }) => length)).toEqual([480, 480, 10]);
    expect(cut(items).flat()).toEqual(items);
    expect(cut([])).toEqual([]);
  });

  it('have at most half a megabyte, but for a single item', () => {
    const items = ['a', 'b', 'c'];
    expect(cut(items, 200 * 1024)).toEqual([['a', 'b'], ['c']]);
    expect(cut(items, 600 * 1024)).toEqual([['a'], ['b'], ['c']]);
  });

  it('name no volume twice', () => {
    expect(cut(['a', 'b', 'a', 'a'])).toEqual([['a', 'b'], ['a'], ['a']]);
  });
});

describe('each batch', () => {
  it('has its results in its place, whichever is ready first', async () => {
    const ready: (() => void)[] = [];
    const results = eachBatch([[1], [2], [3]], async ([item]) => {
      await new Promise<void>((resolve) => {
        ready.unshift(resolve);
        if (ready.length === 3) for (const one of ready) one();
      });
      return [item! * 10];
    });
    expect(await results).toEqual([10, 20, 30]);
  });

  it('is not begun after a failure, which is told when those under way are done', async () => {
    const begun: number[] = [];
    let finish = (): void => {};
    const results = eachBatch([[1], [2], [3], [4], [5]], async ([item]) => {
      begun.push(item!);
      if (item === 2) throw new Error('no');
      await new Promise<void>((resolve) => {
        const before = finish;
        finish = () => {
          before();
          resolve();
        };
      });
      return [];
    });
    let isTold = false;
    const told = results.catch((thrown: unknown) => {
      isTold = true;
      return thrown;
    });
    await new Promise(setImmediate);
    expect(isTold).toBe(false);
    finish();
    expect(await told).toEqual(new Error('no'));
    expect(begun).toEqual([1, 2, 3]);
  });
});
