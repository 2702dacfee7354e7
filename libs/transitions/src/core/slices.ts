import type { Clock } from './clock.js';

/** How long work may hold the process, in milliseconds. */
export const sliceMs = 8;

/** Work that can be interrupted wherever it yields. */
export type SlicedWork<T> = Generator<undefined, T, undefined>;

// The clock is read once in so many yields.
const yieldsBetweenLooks = 16;

/** Does the work at once. */
export function doAtOnce<T>(work: SlicedWork<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does the work in slices, between which the process has its turn at other work. */
export async function doInSlices<T>(
  work: SlicedWork<T>,
  clock: Clock,
): Promise<T> {
  let sliceEnd = clock.now() + sliceMs;
  for (let yields = 1; ; yields++) {
    const { done, value } = work.next();
    if (done) return value;
    if (yields % yieldsBetweenLooks !== 0 || clock.now() < sliceEnd) continue;
    await new Promise<void>((resolve) => {
      clock.yieldTo(resolve);
    });
    sliceEnd = clock.now() + sliceMs;
  }
}
