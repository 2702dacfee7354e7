import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STAGING_NAME } from './reserved-names.js';
import {
  ForbiddenEntryError,
  StorageFailedError,
  VolumeBrokenError,
} from './storage.errors.js';
import { VolumeDirectory } from './volume-directory.js';
import { VolumePath } from './volume-path.js';

let root: string;
let directory: VolumeDirectory;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'staging-'));
  directory = await VolumeDirectory.open(root);
});

afterEach(async () => {
  await directory.close();
  await rm(root, { recursive: true, force: true });
});

const at = (path: string): VolumePath => VolumePath.parse(path);

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const put = (path: string, source = bytes('content')) =>
  directory.put(at(path), source, { maxBytes: 100 });

test.each([
  ['itself', STAGING_NAME, ''],
  ['a folder above it', '.', `${STAGING_NAME}/`],
  ['a folder in it', `${STAGING_NAME}/folder`, ''],
])(
  'no link to %s leads into the staging folder (F156)',
  async (_what, target, below) => {
    const folder = join(root, STAGING_NAME, 'folder');
    await mkdir(join(folder, 'folder'), { recursive: true });
    await writeFile(join(root, STAGING_NAME, 'unfinished'), 'half');
    await writeFile(join(folder, 'unfinished'), 'half');
    await symlink(target, join(root, 'link'));
    const inside = `link/${below}unfinished`;
    for (const attempt of [
      () => directory.read(at(inside)),
      () => directory.read(at(`link/${below}folder`)),
      () => directory.list(at(`link/${below}`), { limit: 1 }),
      () => directory.remove(at(inside)),
      () => directory.remove(at(`link/${below}folder`)),
      () => put(inside),
      () => put(`link/${below}new`),
      () => put(`link/${below}new/folder/f`),
    ]) {
      await expect(attempt()).rejects.toThrow(ForbiddenEntryError);
    }
    expect(await readdir(join(root, STAGING_NAME))).toEqual([
      'folder',
      'unfinished',
    ]);
    expect(await readdir(folder)).toEqual(['folder', 'unfinished']);
  },
);

test('a link to the root of the volume shows no staging folder, nor lets it be removed (F156)', async () => {
  await symlink('.', join(root, 'link'));
  const { entries } = await directory.list(at('link'), { limit: 10 });
  expect(entries.map(({ name }) => name)).toEqual(['link']);
  for (const attempt of [
    () => directory.remove(at(`link/${STAGING_NAME}`)),
    () => directory.read(at(`link/${STAGING_NAME}`)),
    () => put(`link/${STAGING_NAME}`),
  ]) {
    await expect(attempt()).rejects.toThrow(ForbiddenEntryError);
  }
  expect(await readdir(root)).toContain(STAGING_NAME);
});

test('a folder in the staging folder is swept like a file (F156)', async () => {
  await directory.close();
  const folder = join(root, STAGING_NAME, 'folder/deep');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'f'), 'left over');
  await symlink('/', join(folder, 'link'));
  directory = await VolumeDirectory.open(root);
  expect(await readdir(join(root, STAGING_NAME))).toEqual([]);
  expect(await readdir('/')).not.toEqual([]);
});

test('a staging folder that somebody removes is made anew for the next upload (F156)', async () => {
  await put('before');
  await rm(join(root, STAGING_NAME), { recursive: true });
  await Promise.all([put('one'), put('two')]);
  expect(await readFile(join(root, 'one'), 'utf8')).toBe('content');
  expect((await readdir(root)).sort()).toEqual(
    [STAGING_NAME, 'before', 'one', 'two'].sort(),
  );
});

test('an upload whose staged file somebody removes fails, not as if its path were missing (F156)', async () => {
  async function* robbed() {
    yield Buffer.from('content');
    for (const name of await readdir(join(root, STAGING_NAME))) {
      await rm(join(root, STAGING_NAME, name));
    }
  }
  await expect(put('f', robbed())).rejects.toThrow(StorageFailedError);
  await put('f');
});

test('an upload to a volume whose directory is gone fails, not as if its path were missing (F156)', async () => {
  await rm(root, { recursive: true });
  await expect(put('f')).rejects.toThrow(VolumeBrokenError);
});

test('nothing stays open of staging folders that were removed (F156)', async () => {
  const open = async (): Promise<number> =>
    (await readdir('/proc/self/fd')).length;
  const before = await open();
  for (let i = 0; i < 5; i++) {
    await rm(join(root, STAGING_NAME), { recursive: true });
    await put(`${i}`);
  }
  await directory.close();
  await expect.poll(open).toBeLessThan(before);
});
