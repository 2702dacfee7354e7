import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTimer } from './timers.js';

const day = 24 * 60 * 60 * 1000;

describe('a timer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 10, 2 ** 31 - 1, 2 ** 31, 60 * day, 365 * day])(
    'calls back once, after %i ms and not before (F99)',
    (milliseconds) => {
      const callback = vi.fn<() => void>();
      startTimer(callback, milliseconds);
      vi.advanceTimersByTime(milliseconds - 1);
      expect(callback).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(callback).toHaveBeenCalledOnce();
      vi.advanceTimersByTime(365 * day);
      expect(callback).toHaveBeenCalledOnce();
    },
  );

  it('of Infinity never calls back, and leaves nothing running (F99)', () => {
    startTimer(() => expect.unreachable(), Infinity);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is cancelled never calls back, after weeks neither (F99)', () => {
    const cancel = startTimer(() => expect.unreachable(), 60 * day);
    vi.advanceTimersByTime(30 * day);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });
});
