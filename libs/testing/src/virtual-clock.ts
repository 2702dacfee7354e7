import type { Clock } from 'nestjs-transitions/core';

interface Timer {
  readonly at: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is moved. Timers fire in the order of
 * their moments, those of one moment in the order in which they were started,
 * and between any two of them every promise that can settle does: what happens
 * is the same in every run.
 */
export class VirtualClock implements Clock {
  private time = 0;
  private sequence = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  tick(): number {
    return Math.floor(this.time);
  }

  startTimer(callback: () => void, milliseconds: number): () => void {
    const at = this.time + Math.max(0, milliseconds);
    const timer = { at, sequence: this.sequence++, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  yieldTo(callback: () => void): void {
    this.startTimer(callback, 0);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.timers.size;
  }

  /** Lets time pass, as a callback that blocks the process would: no timer fires. */
  block(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** Lets time pass, and everything happen that is due by then. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    await settlePromises();
    for (;;) {
      const timer = this.earliest();
      if (timer === undefined || timer.at > until) break;
      this.fire(timer);
      await settlePromises();
    }
    this.time = Math.max(this.time, until);
  }

  /**
   * Lets just as much time pass as a promise needs to settle.
   *
   * @throws Error when nothing is left that could settle it: a deadlock.
   */
  async settle<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false };
    const done = (): void => {
      state.settled = true;
    };
    // oxlint-disable-next-line promise/no-callback-in-promise -- it is no node-style callback
    void promise.then(done, done);
    await settlePromises();
    while (!state.settled) {
      const timer = this.earliest();
      if (timer === undefined) {
        throw new Error(
          `Deadlock at ${this.time} ms: a promise waits, and no timer is left that could settle it`,
        );
      }
      this.fire(timer);
      await settlePromises();
    }
    return promise;
  }

  private earliest(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (first === undefined || isBefore(timer, first)) first = timer;
    }
    return first;
  }

  private fire(timer: Timer): void {
    this.timers.delete(timer);
    this.time = Math.max(this.time, timer.at);
    timer.callback();
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

// An immediate runs after all microtasks, those they queue included.
function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
