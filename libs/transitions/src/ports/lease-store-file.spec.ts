import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LeaseStoreFile } from './lease-store-file.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lease-store-'));
  path = join(folder, 'store');
});
afterEach(() => rm(folder, { recursive: true }));

it('what was remembered last is recalled by the next process', async () => {
  const file = new LeaseStoreFile(path);
  expect(await file.recall()).toBeUndefined();
  await file.remember('cluster/one');
  await file.remember('cluster/two');
  expect(await new LeaseStoreFile(path).recall()).toBe('cluster/two');
  expect(await readFile(path, 'utf8')).toBe('lease-store cluster/two\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it.each([
  '',
  '\n',
  'lease-store cluster/o',
  'lease-store two ids\n',
  'lease-store one\ntwo\n',
  'secret\n',
])(
  'a file with %j is no memory, not taken for none, and not told',
  async (content) => {
    await writeFile(path, content);
    const recall = new LeaseStoreFile(path).recall();
    const refused: unknown = await recall.catch((thrown: unknown) => thrown);
    expect((refused as Error).message).toBe(
      `The lease store file ${path}: expected one line, with 'lease-store' and an id, and it has something else; name another file, or remove this one if it is meant and the store that answers is the one that was used before`,
    );
  },
);

it('a file that cannot be read or written is an error that names it', async () => {
  await expect(new LeaseStoreFile(folder).recall()).rejects.toThrow(
    `The lease store file ${folder} cannot be read: EISDIR`,
  );
  const missing = join(folder, 'none', 'store');
  const nowhere = new LeaseStoreFile(missing);
  expect(await nowhere.recall()).toBeUndefined();
  await expect(nowhere.remember('one')).rejects.toThrow(
    `The lease store file ${missing} cannot be written: ENOENT`,
  );
});
