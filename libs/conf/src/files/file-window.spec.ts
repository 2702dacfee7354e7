import {
  appendFileSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileWindow, type WindowRules } from './file-window.js';
import { openConfFile, type OpenFile } from './conf-file.js';

const usualRules: WindowRules = {
  lineLength: 1000,
  addUp: undefined,
  signal: undefined,
};

let path: string;
let file: OpenFile;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'window-')), 'a.conf');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

async function windowOn(
  content: string | Buffer,
  chunk: number,
  rules: Partial<WindowRules> = {},
): Promise<FileWindow> {
  writeFileSync(path, content);
  const opened = await openConfFile(path, {
    maxBytes: 1e6,
    refuse: () => undefined,
  });
  if (opened.kind !== 'open') throw new Error(`It is ${opened.kind}`);
  file = opened;
  return new FileWindow(file, { ...usualRules, ...rules }, chunk);
}

/**
 * Goes through the file in steps, each of a share of what is shown; returns all
 * that was shown.
 */
async function readOn(window: FileWindow, share: number): Promise<string> {
  let read = '';
  await window.moveTo(0);
  while (!window.isLast) {
    const { bytes } = window;
    const from = bytes.lastIndexOf('\n', share * bytes.length) + 1;
    read += bytes.toString('latin1', 0, from);
    const kept = bytes.toString('latin1', from);
    await window.moveTo(from);
    const shown = window.bytes.toString('latin1');
    expect(shown.startsWith(kept)).toBe(true);
    const isMore = shown.length > kept.length && shown.endsWith('\n');
    expect(isMore || window.isLast).toBe(true);
  }
  const all = read + window.bytes.toString('latin1');
  return Buffer.from(all, 'latin1').toString();
}

/** A closed handle has no descriptor. */
const isClosed = (): boolean => file.handle.fd === -1;

describe('a window', () => {
  it('shows a whole file, line by line, however much is read at a time and kept', async () => {
    const line = fc.constantFrom('', 'x=1', '# ü€🙂', '[A]', 'y'.repeat(70));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 30 }),
        fc.boolean(),
        fc.integer({ min: 4, max: 100 }),
        fc.constantFrom(0, 0.3, 1),
        async (lines, isMarked, chunk, share) => {
          const text = lines.join('\n');
          const mark = isMarked ? '\uFEFF' : '';
          const window = await windowOn(mark + text, chunk, { addUp: crc32 });
          expect(await readOn(window, share)).toBe(text);
          expect(window.flaw).toBeUndefined();
          expect(window.isShort).toBe(false);
          expect(window.isCutOff).toBe(!text.endsWith('\n'));
          expect(window.checksum).toBe(crc32(Buffer.from(mark + text)));
          expect(isClosed()).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes what looks like a second byte order mark for text, however long the line is', async () => {
    const window = await windowOn('\uFEFF\uFEFFxxxxxxxx\n', 4);
    expect(await readOn(window, 1)).toBe('\uFEFFxxxxxxxx\n');
  });

  it('F4 ends before a line with a byte that is no text, wherever chunks end', async () => {
    const good = '# ü€\n# 🙂\n';
    const bad = Buffer.from([0x23, 0xc3, 0xbc, 0xe2, 0x82, 0x0a, 0x23]);
    for (let chunk = 4; chunk < 30; chunk++) {
      const content = Buffer.concat([Buffer.from(good), bad]);
      const window = await windowOn(content, chunk);
      expect(await readOn(window, 1)).toBe(good);
      const offset = Buffer.byteLength(good) + 3;
      expect(window.flaw).toMatchObject({
        column: 3,
        message: `expected UTF-8, got the byte 0xe2 at byte offset ${offset}`,
      });
      expect(window.isCutOff).toBe(true);
      expect(isClosed()).toBe(true);
    }
  });

  it('F11 ends before a line that is too long, and does not read all of it', async () => {
    const good = '[A]\n# ü\n';
    const content = `${good}x=${'ü'.repeat(50_000)}`;
    const addUp = (bytes: Buffer, sum: number): number => sum + bytes.length;
    for (const chunk of [4, 10, 999, 5000]) {
      for (const share of [0, 1]) {
        const window = await windowOn(content, chunk, { addUp });
        expect(await readOn(window, share)).toBe(good);
        expect(window.flaw?.message).toContain(
          'the option `limits.lineLength`',
        );
        expect(window.checksum).toBeLessThan(1100 + 2 * chunk);
      }
    }
  });

  it('F2 of a file that has become shorter is short, and of one that has grown shows the old part', async () => {
    const text = 'x=1\n'.repeat(100);
    const shrunk = await windowOn(text, 50);
    truncateSync(path, 120);
    await readOn(shrunk, 1);
    expect(shrunk.isShort).toBe(true);
    expect(isClosed()).toBe(true);
    const grown = await windowOn(text, 50);
    appendFileSync(path, text);
    expect(await readOn(grown, 1)).toBe(text);
    expect(grown.isShort).toBe(false);
  });

  it('F21 names the reason where the file can no longer be read', async () => {
    const window = await windowOn('x=1\n'.repeat(100), 50);
    await window.moveTo(0);
    await window.close();
    while (!window.isLast) await window.moveTo(window.bytes.length);
    expect(window.flaw?.message).toBe('it cannot be read (EBADF)');
    expect(window.flaw?.cause).toMatchObject({ code: 'EBADF' });
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const window = await windowOn('x=1\n'.repeat(100), 50, { signal });
    await window.moveTo(0);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(window.moveTo(0)).rejects.toBe(reason);
    await window.close();
  });
});
