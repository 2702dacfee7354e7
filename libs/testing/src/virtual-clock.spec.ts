import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  it('fires timers in the order of their moments, equal ones in the order of their start, with all promises settled between them', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const note = (name: string) => (): void => {
      log.push(`${name} at ${clock.now()}`);
      void Promise.resolve().then(() => log.push(`after ${name}`));
    };
    clock.startTimer(note('late'), 20);
    clock.startTimer(note('first'), 10);
    clock.startTimer(note('second'), 10);
    clock.yieldTo(note('yield'));
    await clock.advance(15);
    expect(log).toEqual([
      'yield at 0',
      'after yield',
      'first at 10',
      'after first',
      'second at 10',
      'after second',
    ]);
    expect([clock.now(), clock.pending]).toEqual([15, 1]);
  });

  it('does not fire what was cancelled', async () => {
    const clock = new VirtualClock();
    let fired = false;
    const cancel = clock.startTimer(() => (fired = true), 5);
    cancel();
    await clock.advance(10);
    expect(fired).toBe(false);
  });

  it('lets just as much time pass as a promise needs', async () => {
    const clock = new VirtualClock();
    const promise = new Promise<string>((resolve) => {
      clock.startTimer(() => resolve('done'), 1_000_000);
    });
    expect(await clock.settle(promise)).toBe('done');
    expect(clock.now()).toBe(1_000_000);
  });

  it('says deadlock where nothing can settle a promise', async () => {
    const forever = new Promise(() => {});
    await expect(new VirtualClock().settle(forever)).rejects.toThrow(
      'Deadlock at 0 ms',
    );
  });
});
