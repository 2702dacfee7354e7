import { describe, expect, it } from 'vitest';
import { systemClock } from './system-clock.js';

describe('the clock of the process', () => {
  it('ticks in whole milliseconds of its own time', () => {
    for (let round = 0; round < 1000; round++) {
      const before = systemClock.now();
      const tick = systemClock.tick();
      const after = systemClock.now();
      expect(Number.isInteger(tick)).toBe(true);
      expect(tick).toBeGreaterThanOrEqual(Math.floor(before));
      expect(tick).toBeLessThanOrEqual(after);
    }
  });

  it('counts from when the process started, not from when the machine did', () => {
    expect(systemClock.now()).toBeGreaterThanOrEqual(0);
    expect(systemClock.now() / 1000).toBeLessThan(process.uptime() + 1);
  });
});
