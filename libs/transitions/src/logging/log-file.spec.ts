import { open, type FileHandle } from 'node:fs/promises';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogFile } from './log-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transitions-log-file-'));
  path = join(folder, 'x.log');
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** The class of file handles, which Node does not export. */
async function fileHandlePrototype(): Promise<FileHandle> {
  const handle = await open('/dev/null');
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

describe('a log file', () => {
  it('has all lines in their order when it is closed, and is nobody else’s to read', async () => {
    const file = await LogFile.open(path, () => {});
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
    for (const line of lines) file.write(line);
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe(`${lines.join('\n')}\n`);
    expect(statSync(path).mode & 0o007).toBe(0);
  });

  it('goes on when there is space again, and says how many lines were lost', async () => {
    const prototype = await fileHandlePrototype();
    const full = vi
      .spyOn(prototype, 'appendFile')
      .mockRejectedValue(new Error('ENOSPC: no space left'));
    const onTrouble = vi.fn<(thrown: unknown) => void>();
    const file = await LogFile.open(path, onTrouble);
    for (const line of ['a', 'b', 'c']) {
      file.write(line);
      await new Promise(setImmediate);
    }
    expect(onTrouble).toHaveBeenCalledOnce();
    full.mockRestore();
    file.write('d');
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('\n(3 lines lost)\nd\n');
  });

  it('that does not take what it is given is not waited for when it is closed', async () => {
    const prototype = await fileHandlePrototype();
    const stuck = vi
      .spyOn(prototype, 'appendFile')
      .mockReturnValue(new Promise<void>(() => {}));
    vi.useFakeTimers();
    const file = await LogFile.open(path, () => {});
    file.write('never');
    const closed = file.close();
    await vi.advanceTimersByTimeAsync(2000);
    await closed;
    vi.useRealTimers();
    expect(stuck).toHaveBeenCalledOnce();
  });

  it('holds back no more than so much for a disk that is slow', async () => {
    const prototype = await fileHandlePrototype();
    const written: string[] = [];
    let goOn = (): void => {};
    vi.spyOn(prototype, 'appendFile').mockImplementation(async (data) => {
      written.push(String(data));
      if (written.length > 1) return;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    });
    const file = await LogFile.open(path, () => {});
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let line = 0; line < 40; line++) file.write(megabyte);
    goOn();
    await file.close();
    expect(written.join('').length).toBeLessThan(18 * 1024 * 1024);
    expect(written.at(-1)).toMatch(/^\n\(23 lines lost\)\n/);
  });
});
