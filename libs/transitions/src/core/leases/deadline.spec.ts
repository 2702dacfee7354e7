import { describe, expect, it } from 'vitest';
import { Deadline } from './deadline.js';

/** Both clocks, moved by hand. */
class Clocks {
  monotonic = 0;
  wall = 1_000_000;
  readonly deadline = new Deadline(() => this.moment());

  moment(): { monotonic: number; wall: number } {
    return { monotonic: this.monotonic, wall: this.wall };
  }

  pass(milliseconds: number): void {
    this.monotonic += milliseconds;
    this.wall += milliseconds;
  }
}

describe('the deadline of a session', () => {
  it('is over before a renewal was ever answered', () => {
    expect(new Clocks().deadline.left).toBeLessThanOrEqual(0);
  });

  it('is 0.8 of the ttl after the answered renewal was sent, not after its answer (I34)', () => {
    const clocks = new Clocks();
    const sent = clocks.moment();
    clocks.pass(3_000);
    clocks.deadline.extend(sent, 10_000);
    expect(clocks.deadline.left).toBe(5_000);
    clocks.pass(5_000);
    expect(clocks.deadline.left).toBe(0);
  });

  it('is that of the renewal that was sent last, in whatever order the answers come', () => {
    const clocks = new Clocks();
    const first = clocks.moment();
    clocks.pass(1_000);
    clocks.deadline.extend(clocks.moment(), 10_000);
    clocks.deadline.extend(first, 10_000);
    expect(clocks.deadline.left).toBe(8_000);
  });

  it('takes the ttl that the store grants, be it shorter (F80)', () => {
    const clocks = new Clocks();
    clocks.deadline.extend(clocks.moment(), 10_000);
    clocks.pass(1_000);
    clocks.deadline.extend(clocks.moment(), 2_000);
    expect(clocks.deadline.left).toBe(1_600);
  });

  it('counts sleep, in which the monotonic clock stands still (F57)', () => {
    const clocks = new Clocks();
    clocks.deadline.extend(clocks.moment(), 10_000);
    clocks.wall += 8_999;
    expect(clocks.deadline.left).toBe(1);
    clocks.wall += 1;
    expect(clocks.deadline.left).toBe(0);
  });

  it('is not moved by a wall clock that is set by a tenth of the ttl (F58, I39)', () => {
    const clocks = new Clocks();
    clocks.deadline.extend(clocks.moment(), 10_000);
    clocks.wall += 1_000;
    expect(clocks.deadline.left).toBe(8_000);
    clocks.wall -= 2_000;
    expect(clocks.deadline.left).toBe(8_000);
  });

  it('gains nothing by a wall clock that is set back, not for a later sleep either (F58)', () => {
    const clocks = new Clocks();
    clocks.deadline.extend(clocks.moment(), 10_000);
    clocks.wall -= 3_600_000;
    expect(clocks.deadline.left).toBe(8_000);
    clocks.wall += 9_000;
    expect(clocks.deadline.left).toBe(0);
  });
});
