import type { VolumeVisit } from './volume-visit.js';

/**
 * An iterator of a body that is streamed. Its visit goes on until it is done or
 * has returned; when the visit is aborted it returns, and whoever waits for its
 * next piece gets the reason.
 */
export class FollowedIterator implements AsyncIterator<unknown> {
  private readonly end: () => void;
  private readonly forget: () => void;

  constructor(
    private readonly iterator: AsyncIterator<unknown>,
    private readonly visit: VolumeVisit,
  ) {
    this.end = visit.begin();
    // A generator returns once it has come to its next yield.
    this.forget = visit.whenAborted(() => void this.return().catch(() => {}));
  }

  next(): Promise<IteratorResult<unknown>> {
    const { visit, iterator } = this;
    if (visit.abortedBy !== undefined) return Promise.reject(visit.abortedBy);
    return new Promise((resolve, reject) => {
      const forget = visit.whenAborted(reject);
      const step = async (): Promise<IteratorResult<unknown>> =>
        iterator.next();
      void step()
        .then(
          (result) => {
            if (result.done === true) this.finish();
            resolve(result);
          },
          (thrown: unknown) => {
            this.finish();
            reject(thrown);
          },
        )
        .finally(forget);
    });
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    try {
      const result = await this.iterator.return?.(value);
      return result ?? { done: true, value };
    } finally {
      this.finish();
    }
  }

  private finish(): void {
    this.forget();
    this.end();
  }
}
