import { unlinkSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listDirectory } from './listing.js';
import { PinnedDirectory } from './pinned-directory.js';

vi.mock('node:fs/promises', { spy: true });

let root: string;
let directory: PinnedDirectory;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'listing-'));
  directory = await PinnedDirectory.open(root);
});

afterEach(async () => {
  vi.mocked(fs.lstat).mockReset();
  await directory.close();
  await rm(root, { recursive: true });
});

/** The pages of a listing, up to the one that says that no other follows. */
async function pages(limit: number): Promise<string[][]> {
  const found: string[][] = [];
  for (let after = '', truncated = true; truncated;) {
    const page = { after, limit };
    const listing = await listDirectory(directory, page, { isRoot: false });
    const names = listing.entries.map(({ name }) => name);
    found.push(names);
    ({ truncated } = listing);
    if (truncated && names.length === 0) throw new Error('There is no way on');
    after = names.at(-1) ?? '';
  }
  return found;
}

const make = (...names: (string | Buffer)[]): Promise<unknown> =>
  Promise.all(
    names.map((name) =>
      writeFile(
        Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]),
        '',
      ),
    ),
  );

test('names that are no UTF-8 are left out, and pages are filled from later ones (F153)', async () => {
  const noName = [1, 2, 3, 4, 5].map((byte) =>
    Buffer.from([0x61, 0xff, 0x80 + byte]),
  );
  await make('a', ...noName, 'b', 'c', 'd\ufffd', 'e');
  expect(await pages(2)).toEqual([['a', 'b'], ['c', 'd\ufffd'], ['e']]);
});

test('a page whose names vanish meanwhile is filled from later ones (F153)', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  await make(...names);
  const gone = ['a', 'b', 'c', 'd', 'g'];
  const { lstat } = await vi.importActual<typeof fs>('node:fs/promises');
  vi.mocked(fs.lstat).mockImplementation((path, options) => {
    for (const name of gone.splice(0)) unlinkSync(join(root, name));
    return lstat(path, options);
  });
  expect(await pages(2)).toEqual([['e', 'f'], []]);
});

test('a directory of nothing but names that are no UTF-8 is an empty page, and the last (F153)', async () => {
  await make(Buffer.from([0xff]), Buffer.from([0xfe, 0x61]));
  expect(await pages(1)).toEqual([[]]);
});
