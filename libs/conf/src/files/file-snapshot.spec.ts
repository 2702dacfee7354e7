import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSnapshot, type LoadRules } from './file-snapshot.js';

const rules: LoadRules = {
  maxBytes: 1000,
  refuse: () => undefined,
  mayQuote: () => true,
};

describe('a snapshot', () => {
  let home: string;
  let path: string;

  const write = (content: string, age = 60): void => {
    writeFileSync(path, content);
    const then = Date.now() / 1000 - age;
    utimesSync(path, then, then);
  };
  const load = async (): Promise<FileSnapshot> => {
    const snapshot = new FileSnapshot(1000, undefined);
    await snapshot.load(path, path, rules);
    return snapshot;
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'snapshot-'));
    path = join(home, 'a.conf');
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('F2 is settled as long as nothing has changed', async () => {
    write('[A]\nx=1\n');
    const snapshot = await load();
    expect(await snapshot.isSettled()).toBe(true);
    expect(snapshot.paths).toEqual([path]);
  });

  it.each([
    ['has grown', () => appendFileSync(path, '#')],
    ['was written again alike', () => write('[A]\nx=1\n', 30)],
    ['was removed', () => unlinkSync(path)],
    [
      'was replaced by one that looks alike',
      () => {
        renameSync(path, `${path}.old`);
        write('[A]\nx=2\n');
      },
    ],
  ])('F2 is not settled when a file %s', async (_, change) => {
    write('[A]\nx=1\n');
    const snapshot = await load();
    change();
    expect(await snapshot.isSettled()).toBe(false);
  });

  it('F2 of a file that was written just now needs a second read that agrees', async () => {
    write('[A]\nx=1\n', 0);
    expect(await (await load()).isSettled()).toBe(true);
    write('[A]\nx=', 0);
    const snapshot = await load();
    const settled = snapshot.isSettled();
    write('[A]\nx=1\n', 0);
    expect(await settled).toBe(false);
  });

  it('F2 is not settled when a file that is included twice was in two states', async () => {
    write('[A]\nx=1\n');
    const snapshot = await load();
    write('[A]\nx=2\n', 30);
    await snapshot.load(path, path, rules);
    expect(snapshot.changed).toBe(true);
    expect(await snapshot.isSettled()).toBe(false);
  });

  it('F21 is not settled when a missing file has come', async () => {
    const snapshot = await load();
    expect(await snapshot.isSettled()).toBe(true);
    write('[A]\nx=1\n');
    expect(await snapshot.isSettled()).toBe(false);
  });
});
