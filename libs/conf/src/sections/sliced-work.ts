/** Work that can be interrupted wherever it yields. */
export type SlicedWork<T> = Generator<undefined, T, undefined>;

/** Does the work at once. */
export function doAtOnce<T>(work: SlicedWork<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
