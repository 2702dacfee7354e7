import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { FileSnapshot } from './file-snapshot.js';

// A file system whose clock ticks rarely: what is written twice within a tick
// has one stamp.
vi.mock(import('./file-stamp.js'), async (original) => ({
  ...(await original()),
  sameStamp: () => true,
}));

const home = mkdtempSync(join(tmpdir(), 'second-read-'));
const path = join(home, 'a.conf');
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('F2 of a file that was written just now', () => {
  it.each([
    ['the same', '[A]\nx=1\n', true],
    ['something else that is as long', '[A]\nx=2\n', false],
    ['more', '[A]\nx=1\ny=1\n', false],
    ['less', '[A]\n', false],
  ])('the second read finds %s', async (_, second, isSettled) => {
    writeFileSync(path, '[A]\nx=1\n');
    const snapshot = new FileSnapshot(1000, undefined);
    await snapshot.load(path, path, {
      maxBytes: 1000,
      refuse: () => undefined,
      mayQuote: () => true,
    });
    writeFileSync(path, second);
    expect(await snapshot.isSettled()).toBe(isSettled);
  });
});
