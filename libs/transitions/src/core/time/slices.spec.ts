import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.js';
import { doAtOnce, doInSlices, sliceMs, type SlicedWork } from './slices.js';

function* work(steps: number, each: () => void = () => {}): SlicedWork<number> {
  for (let step = 0; step < steps; step++) {
    each();
    yield;
  }
  return steps;
}

describe('work in slices', () => {
  it('done at once has the same result', () => {
    expect(doAtOnce(work(100))).toBe(100);
  });

  it('lets others have their turn when a slice is over, and not before', async () => {
    let now = 0;
    let turns = 0;
    const clock: Clock = {
      now: () => now,
      tick: () => now,
      startTimer: () => () => {},
      yieldTo: (callback) => {
        turns++;
        queueMicrotask(callback);
      },
    };
    await expect(doInSlices(work(1000), clock)).resolves.toBe(1000);
    expect(turns).toBe(0);
    const tick = (): void => {
      now += sliceMs / 8;
    };
    await doInSlices(work(160, tick), clock);
    expect(turns).toBe(20);
  });

  it('looks at the clock rarely while all is quick, and before each piece where pieces take long', async () => {
    let now = 0;
    let looks = 0;
    const clock: Clock = {
      now: () => now,
      tick: () => {
        looks++;
        return now;
      },
      startTimer: () => () => {},
      yieldTo: queueMicrotask,
    };
    await doInSlices(work(64_000), clock);
    expect(looks).toBeLessThan(4_010);
    let turns = 0;
    let longest = 0;
    let begun = now;
    const late = (): void => {
      now += 1;
      longest = Math.max(longest, now - begun);
    };
    clock.yieldTo = (callback) => {
      begun = now;
      turns++;
      queueMicrotask(callback);
    };
    await doInSlices(work(1_000, late), clock);
    expect(turns).toBe(1_000 / sliceMs);
    expect(longest).toBe(sliceMs);
  });

  it('throws what the work throws', () => {
    const fails = (): SlicedWork<number> =>
      work(1, () => {
        throw new Error('no');
      });
    expect(() => doAtOnce(fails())).toThrow('no');
  });
});
