import { describe, expect, it } from 'vitest';
import type { Clock } from '../time/clock.js';
import { Watchdog, type WatchedStep } from './watchdog.js';

class Timers implements Clock {
  time = 0;
  started = 0;
  reads = 0;
  private timer: { readonly at: number; readonly call: () => void } | undefined;

  now(): number {
    this.reads++;
    return this.time;
  }

  tick(): number {
    return Math.floor(this.now());
  }

  startTimer(call: () => void, milliseconds: number): () => void {
    this.started++;
    if (this.timer !== undefined) throw new Error('two timers at once');
    const timer = { at: this.time + milliseconds, call };
    this.timer = timer;
    return () => {
      if (this.timer === timer) this.timer = undefined;
    };
  }

  yieldTo(call: () => void): void {
    call();
  }

  get armed(): boolean {
    return this.timer !== undefined;
  }

  advanceTo(time: number): void {
    while (this.timer !== undefined && this.timer.at <= time) {
      const { at, call } = this.timer;
      this.timer = undefined;
      this.time = at;
      call();
    }
    this.time = time;
  }
}

/** The same, but each turn of the process ends when it is told to. */
class Turns extends Timers {
  readonly ends: (() => void)[] = [];

  override yieldTo(call: () => void): void {
    this.ends.push(call);
  }
}

class Watched implements WatchedStep {
  index = 0;
  isWatched = false;
  isFresh = false;
  before: WatchedStep | undefined;
  after: WatchedStep | undefined;
  warned = false;
  readonly events: string[] = [];

  startedAt: number | undefined;
  deadline = 0;

  constructor(readonly limitMs: number) {}

  abort(cause: Error): void {
    this.events.push(`abort ${cause.message}`);
  }

  slow(elapsedMs: number): void {
    this.events.push(`slow ${elapsedMs}`);
  }

  expire(elapsedMs: number): void {
    this.events.push(`expire ${elapsedMs}`);
  }
}

describe('Watchdog', () => {
  it('warns of a slow step once, and expires it at its deadline', () => {
    const timers = new Timers();
    const watchdog = new Watchdog(timers, 10);
    const step = new Watched(60);
    watchdog.watch(step);
    timers.advanceTo(100);
    expect(step.events).toEqual(['slow 10', 'expire 60']);
    expect(watchdog.inFlight).toEqual([]);
    expect(timers.armed).toBe(false);
  });

  it('has one timer for any number of steps, and none for those that settle before it is due', () => {
    const timers = new Timers();
    const watchdog = new Watchdog(timers, 10);
    for (let index = 0; index < 1000; index++) {
      const step = new Watched(60);
      watchdog.watch(step);
      watchdog.unwatch(step);
    }
    expect(timers.started).toBe(1);
    watchdog.close();
    expect(timers.armed).toBe(false);
  });

  it('knows the steps in flight in the order in which they began', () => {
    const watchdog = new Watchdog(new Timers(), 10);
    const steps = [1, 2, 3, 4].map(() => new Watched(60));
    const [first, second, third, fourth] = steps as [
      Watched,
      Watched,
      Watched,
      Watched,
    ];
    for (const step of steps) watchdog.watch(step);
    watchdog.unwatch(second);
    expect(watchdog.inFlight).toEqual([first, third, fourth]);
    watchdog.unwatch(fourth);
    watchdog.unwatch(first);
    watchdog.watch(second);
    expect(watchdog.inFlight).toEqual([third, second]);
    watchdog.unwatch(third);
    watchdog.unwatch(second);
    watchdog.watch(first);
    expect(watchdog.inFlight).toEqual([first]);
    watchdog.close();
  });

  it('counts time from the end of the turn in which a step begins, without a look at the clock for those that settle in it', () => {
    const timers = new Turns();
    const watchdog = new Watchdog(timers, 1_000);
    const [early, late] = [new Watched(50), new Watched(50)];
    for (let turn = 0; turn < 100; turn++) {
      watchdog.watch(early);
      expect(watchdog.elapsed(early)).toBeUndefined();
      watchdog.unwatch(early);
    }
    watchdog.watch(late);
    expect([timers.reads, timers.started, timers.ends.length]).toEqual([
      0, 0, 1,
    ]);
    timers.time = 7;
    timers.ends.pop()?.();
    timers.advanceTo(10);
    expect(watchdog.elapsed(late)).toBe(3);
    timers.advanceTo(100);
    expect([early.events, late.events]).toEqual([[], ['expire 50']]);
  });

  it('knows in their order steps that began anew in the turn in which they settled, and counts from its end', () => {
    const timers = new Turns();
    const watchdog = new Watchdog(timers, 1_000);
    const [one, other] = [new Watched(50), new Watched(40)];
    watchdog.watch(one);
    other.index = 1;
    watchdog.watch(other);
    watchdog.unwatch(one);
    expect(watchdog.inFlight).toEqual([other]);
    one.index = 2;
    watchdog.watch(one);
    expect(watchdog.inFlight).toEqual([other, one]);
    timers.time = 7;
    timers.ends.pop()?.();
    expect(watchdog.inFlight).toEqual([other, one]);
    expect(timers.ends).toEqual([]);
    timers.advanceTo(100);
    expect([other.events, one.events]).toEqual([['expire 40'], ['expire 50']]);
    watchdog.watch(one);
    timers.ends.pop()?.();
    timers.advanceTo(149);
    expect([watchdog.inFlight, one.events.length]).toEqual([[one], 1]);
    watchdog.unwatch(one);
    watchdog.close();
  });

  it('wakes earlier for a step that is due earlier', () => {
    const timers = new Timers();
    const watchdog = new Watchdog(timers, 1_000);
    const [long, short] = [new Watched(500), new Watched(50)];
    watchdog.watch(long);
    watchdog.watch(short);
    timers.advanceTo(60);
    expect([long.events, short.events]).toEqual([[], ['expire 50']]);
    timers.advanceTo(500);
    expect(long.events).toEqual(['expire 500']);
  });

  it('stops steps in flight: their signals abort, and their time is short, but never longer than it was', () => {
    const timers = new Timers();
    const watchdog = new Watchdog(timers, 1_000);
    const [long, short] = [new Watched(500), new Watched(50)];
    watchdog.watch(long);
    watchdog.watch(short);
    watchdog.stop(new Error('down'), 100);
    timers.advanceTo(400);
    expect(long.events).toEqual(['abort down', 'expire 100']);
    expect(short.events).toEqual(['abort down', 'expire 50']);
  });

  it('knows how much time a step has left: while its callback is called, in flight, and when it is to stop', () => {
    const timers = new Turns();
    const watchdog = new Watchdog(timers, 1_000);
    const step = new Watched(500);
    const left: number[] = [watchdog.timeLeft(step)];
    watchdog.watch(step);
    timers.time = 7;
    left.push(watchdog.timeLeft(step));
    timers.ends.pop()?.();
    timers.time = 107;
    left.push(watchdog.timeLeft(step));
    watchdog.stop(new Error('down'), 100);
    left.push(watchdog.timeLeft(step));
    timers.time = 1_000;
    left.push(watchdog.timeLeft(step));
    expect(left).toEqual([500, 500, 400, 100, 0]);
    watchdog.close();
  });

  it('knows of no stale deadline where a step begins anew, and of no limit where there is none', () => {
    const timers = new Timers();
    const watchdog = new Watchdog(timers, 1_000);
    const step = new Watched(50);
    watchdog.watch(step);
    timers.time = 40;
    watchdog.unwatch(step);
    expect(watchdog.timeLeft(step)).toBe(50);
    expect(watchdog.timeLeft(new Watched(Infinity))).toBe(Infinity);
  });

  it('stops a step, too, that begins to be watched only then, as one does whose callback had it stopped', () => {
    const timers = new Timers();
    const watchdog = new Watchdog(timers, 1_000);
    watchdog.stop(new Error('down'), 100);
    const [long, short] = [new Watched(500), new Watched(50)];
    watchdog.watch(long);
    watchdog.watch(short);
    timers.advanceTo(400);
    expect(long.events).toEqual(['abort down', 'expire 100']);
    expect(short.events).toEqual(['abort down', 'expire 50']);
  });
});
