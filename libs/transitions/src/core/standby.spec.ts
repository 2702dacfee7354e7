import { describe, expect, it } from 'vitest';
import { keepStandby } from './standby.js';

describe('the standby', () => {
  it('holds up nobody: neither timers nor turns wait for it, and nothing is thrown', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): unknown => rejections.push(reason);
    process.on('unhandledRejection', note);
    const before = process.getActiveResourcesInfo().toSorted();
    keepStandby(9_999);
    keepStandby(10_000);
    keepStandby(1_000_000);
    expect(process.getActiveResourcesInfo().toSorted()).toEqual(before);
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });
});
