import { describe, expect, it } from 'vitest';
import { SteppedClock } from '../../testing/stepped-clock.js';
import {
  doAtOnce,
  doInSlices,
  Slice,
  sliceMs,
  type SlicedWork,
} from './slices.js';

function* work(steps: number, each: () => void = () => {}): SlicedWork<number> {
  for (let step = 0; step < steps; step++) {
    each();
    yield;
  }
  return steps;
}

describe('a slice', () => {
  it('asks for few looks at the clock while all is quick, and for one after each piece where pieces take long', () => {
    const clock = new SteppedClock();
    const slice = new Slice(clock);
    for (let looks = 0; looks < 10; looks++) slice.look();
    expect(slice.piecesBetweenLooks).toBe(16);
    clock.time += 1;
    slice.look();
    expect(slice.piecesBetweenLooks).toBe(1);
    expect(slice.isOver).toBe(false);
    clock.time += sliceMs - 1;
    slice.look();
    expect(slice.isOver).toBe(true);
  });
});

describe('work in slices', () => {
  it('done at once has the same result', () => {
    expect(doAtOnce(work(100))).toBe(100);
  });

  it('lets others have their turn when a slice is over, and not before', async () => {
    const clock = new SteppedClock();
    await expect(doInSlices(work(1000), clock)).resolves.toBe(1000);
    expect(clock.turns).toBe(0);
    const tick = (): void => {
      clock.time += sliceMs / 8;
    };
    await doInSlices(work(160, tick), clock);
    expect(clock.turns).toBe(20);
  });

  it('lets others have their turn after one piece that takes long, also after many quick ones', async () => {
    const clock = new SteppedClock();
    let pieces = 0;
    await doInSlices(
      work(1_001, () => {
        if (++pieces > 1_000) clock.time += sliceMs;
      }),
      clock,
    );
    expect(clock.turns).toBe(1);
  });

  it('throws what the work throws', () => {
    const fails = (): SlicedWork<number> =>
      work(1, () => {
        throw new Error('no');
      });
    expect(() => doAtOnce(fails())).toThrow('no');
  });
});
