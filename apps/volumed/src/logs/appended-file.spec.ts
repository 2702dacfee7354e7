import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppendedFile } from './appended-file.js';

let folder: string;
let path: string;
let told: string[];
let file: AppendedFile;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appended-'));
  path = join(folder, 'log');
  told = [];
  file = new AppendedFile((trouble) => told.push(trouble));
});

afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true });
});

const text = (name = 'log') => readFile(join(folder, name), 'utf8');

it('what is written is in the file in order, all of it once it is closed', async () => {
  file.open(path);
  file.write('one\n');
  file.write('two\n');
  file.write('three\n');
  await file.close();
  expect(await text()).toBe('one\ntwo\nthree\n');
  file.write('too late');
  file.open(path);
  file.writeAtOnce('four\n');
  expect(await text()).toBe('one\ntwo\nthree\nfour\n');
});

it('a file that was renamed is made anew, and no line is lost or comes twice (F152)', async () => {
  file.open(path);
  file.write('before\n');
  file.write('still before\n');
  await rename(path, `${path}.1`);
  file.reopen();
  file.write('after\n');
  await file.close();
  expect((await text('log.1')) + (await text())).toBe(
    'before\nstill before\nafter\n',
  );
  expect(await text()).toContain('after\n');
  expect(told).toEqual([]);
});

it('where it cannot be opened anew, the file before goes on (F152)', async () => {
  file.open(path);
  file.open(join(folder, 'nowhere/log'));
  file.writeAtOnce('goes on\n');
  expect(await text()).toBe('goes on\n');
  expect(told).toEqual([expect.stringMatching(/^cannot be opened: .*ENOENT/)]);
});

it('a full disk loses lines, is told once, and is no reason to throw (F151)', async () => {
  file.open('/dev/full');
  file.writeAtOnce('one');
  file.write('two');
  file.write('three');
  await file.close();
  expect(told).toEqual([expect.stringMatching(/^cannot be written: .*ENOSPC/)]);
});

it('written to nowhere, nothing happens', async () => {
  file.open(undefined);
  file.write('one');
  file.writeAtOnce('two');
  file.reopen();
  await file.close();
  expect(told).toEqual([]);
});
