import { execFileSync } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { STAGING_NAME } from './reserved-names.js';
import {
  EntryConflictError,
  EntryNotFoundError,
  ForbiddenEntryError,
  VolumeDirectoryClosedError,
  VolumeDirectoryLockedError,
  VolumeDirectoryUnusableError,
} from './storage.errors.js';
import { PinnedDirectory } from './pinned-directory.js';
import { StagedFile } from './staging.js';
import { VolumeDirectory } from './volume-directory.js';
import { VolumePath } from './volume-path.js';

let outside: string;
let root: string;
let directory: VolumeDirectory;

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'volume-directory-'));
  root = join(outside, 'root');
  await mkdir(root);
  directory = await VolumeDirectory.open(root);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await directory.close();
  await rm(outside, { recursive: true });
});

const at = (path: string): VolumePath => VolumePath.parse(path);

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const put = (path: string, ...texts: string[]) =>
  directory.put(at(path), bytes(...texts), { maxBytes: 1_000 });

async function content(path: string): Promise<string> {
  const entry = await directory.read(at(path));
  if (entry.kind === 'directory') return 'a directory';
  const read = await entry.read(0, entry.facts.size);
  entry.close();
  return read.toString();
}

test('what is put is read back, at once and by the next holder', async () => {
  const result = await put('a/b', 'one ', 'two');
  expect(result).toMatchObject({ created: true, bytes: 7, facts: { size: 7 } });
  expect(await content('a/b')).toBe('one two');
  const { facts } = (await directory.read(at('a/b'))) as {
    facts: { etag: string };
  };
  await directory.close();
  directory = await VolumeDirectory.open(root);
  expect(await content('a/b')).toBe('one two');
  expect(await directory.read(at('a/b'))).toMatchObject({
    facts: { etag: facts.etag },
  });
  expect(facts.etag).toBe(result.facts.etag);
});

test('files put at the same moment differ in their time of modification', async () => {
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, i) => put(`${i}`, 'x')),
  );
  const times = results.map(({ facts }) => facts.etag.split('-')[1]);
  expect(new Set(times).size).toBe(50);
});

test('a second holder is refused, also by another path to the same directory', async () => {
  await symlink('root', join(outside, 'alias'));
  for (const path of [root, join(outside, 'alias')]) {
    await expect(VolumeDirectory.open(path)).rejects.toThrow(
      VolumeDirectoryLockedError,
    );
  }
});

test('a holder that waits gets the directory when it is closed', async () => {
  const waiting = VolumeDirectory.open(root, { lockWaitMs: 10_000 });
  await directory.close();
  directory = await waiting;
  expect(await put('a', 'x')).toMatchObject({ created: true });
});

test('waiting for the lock ends with the signal', async () => {
  const controller = new AbortController();
  const waiting = VolumeDirectory.open(root, {
    lockWaitMs: 10_000,
    signal: controller.signal,
  });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('many that open one directory at once are one holder and refusals', async () => {
  await directory.close();
  const attempts = await Promise.allSettled(
    Array.from({ length: 10 }, () => VolumeDirectory.open(root)),
  );
  const opened = attempts.filter((attempt) => attempt.status === 'fulfilled');
  expect(opened.length).toBe(1);
  directory = opened[0]!.value;
});

test('a directory that is missing, or is a file, is refused by name', async () => {
  await writeFile(join(outside, 'file'), '');
  for (const name of ['missing', 'file']) {
    const opening = VolumeDirectory.open(join(outside, name));
    await expect(opening).rejects.toThrow(VolumeDirectoryUnusableError);
    await expect(opening).rejects.toThrow(join(outside, name));
  }
});

test('opening removes the unfinished uploads of an earlier process', async () => {
  await directory.close();
  await writeFile(join(root, STAGING_NAME, 'left-over'), 'half');
  directory = await VolumeDirectory.open(root);
  expect(await readdir(join(root, STAGING_NAME))).toEqual([]);
});

test('a link in the place of the staging directory is refused', async () => {
  await directory.close();
  await rm(join(root, STAGING_NAME), { recursive: true });
  await mkdir(join(outside, 'elsewhere'));
  await writeFile(join(outside, 'elsewhere/precious'), '');
  await symlink('../elsewhere', join(root, STAGING_NAME));
  await expect(VolumeDirectory.open(root)).rejects.toThrow(
    VolumeDirectoryUnusableError,
  );
  expect(await readdir(join(outside, 'elsewhere'))).toEqual(['precious']);
  await rm(join(root, STAGING_NAME));
  directory = await VolumeDirectory.open(root);
});

test('a source that fails leaves everything as it was', async () => {
  await put('f', 'old');
  async function* failing() {
    yield Buffer.from('new');
    throw new Error('the source failed');
  }
  const options = { maxBytes: 1_000 };
  for (const path of ['f', 'new/g']) {
    await expect(directory.put(at(path), failing(), options)).rejects.toThrow(
      'the source failed',
    );
  }
  expect(await content('f')).toBe('old');
  expect(await readdir(root)).toEqual([STAGING_NAME, 'f']);
  expect(await readdir(join(root, STAGING_NAME))).toEqual([]);
});

test('a signal that aborts after the last byte still keeps the old file', async () => {
  await put('f', 'old');
  const controller = new AbortController();
  async function* last() {
    yield Buffer.from('new');
    controller.abort(new Error('taken away'));
  }
  const options = { maxBytes: 1_000, signal: controller.signal };
  await expect(directory.put(at('f'), last(), options)).rejects.toThrow(
    'taken away',
  );
  expect(await content('f')).toBe('old');
});

test('a removal stops at a signal that is aborted', async () => {
  await put('f', 'old');
  const signal = AbortSignal.abort(new Error('taken away'));
  await expect(directory.remove(at('f'), { signal })).rejects.toThrow(
    'taken away',
  );
  expect(await content('f')).toBe('old');
});

test('a put syncs its directory and each parent whose name may not be on disk yet, before it resolves', async () => {
  const synced: string[] = [];
  const sync = vi.spyOn(PinnedDirectory.prototype, 'sync');
  sync.mockImplementation(function (this: PinnedDirectory) {
    synced.push(this.realPath().slice(root.length));
    return Promise.resolve();
  });
  await put('a/b/one', '1');
  await put('a/b/two', '2');
  await put('a/three', '3');
  expect(synced).toEqual(['', '/a', '/a/b', '/a/b', '/a']);
  synced.length = 0;
  await directory.remove(at('a/three'));
  await directory.remove(at('a/b/one'));
  await directory.remove(at('a/b/two'));
  await directory.remove(at('a/b'));
  expect(synced).toEqual(['/a', '/a/b', '/a/b', '/a']);
  synced.length = 0;
  await put('a/b/four', '4');
  expect(synced).toEqual(['/a', '/a/b']);
});

test('parents that another process made are synced too', async () => {
  await mkdir(join(root, 'x/y'), { recursive: true });
  const sync = vi.spyOn(PinnedDirectory.prototype, 'sync');
  await put('x/y/z', '1');
  expect(sync).toHaveBeenCalledTimes(3);
});

test('a put whose directory is removed just before the last step makes it anew', async () => {
  const spy = vi.spyOn(StagedFile.prototype, 'publish');
  spy.mockImplementationOnce(async (path) => {
    await rmdir(join(root, 'd/e'));
    await rename(join(root, STAGING_NAME), path); // fails as the file's would
  });
  await put('d/e/f', 'content');
  expect(spy).toHaveBeenCalledTimes(2);
  expect(await content('d/e/f')).toBe('content');
});

test('puts and the removal of their directory do not fail one another', async () => {
  const removals = { done: 0 };
  const attempts = Array.from({ length: 60 }, async (_, i) => {
    await put(`d/e/${i % 3}`, `${i}`);
    await directory.remove(at(`d/e/${i % 3}`)).catch(ignoreExpected);
    await directory
      .remove(at('d/e'))
      .then(() => (removals.done += 1), ignoreExpected);
  });
  await Promise.all(attempts);
  expect(removals.done).toBeGreaterThan(0);
});

function ignoreExpected(error: unknown): void {
  if (error instanceof EntryNotFoundError) return;
  if (error instanceof EntryConflictError) return;
  throw error;
}

test.each([
  ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
  ['a link to a file inside', (path: string) => symlink('regular', path)],
  ['a link to nowhere', (path: string) => symlink('nowhere', path)],
])(
  '%s is neither read, nor written, nor removed, nor waited for',
  async (_name, make) => {
    await put('regular', 'regular');
    await make(join(root, 'odd'));
    const refused = expect.objectContaining({
      code: 'forbidden-entry',
    }) as unknown;
    await expect(directory.read(at('odd'))).rejects.toEqual(refused);
    await expect(put('odd', 'x')).rejects.toEqual(refused);
    await expect(directory.remove(at('odd'))).rejects.toEqual(refused);
    const { entries } = await directory.list(at(''), { limit: 10 });
    expect(entries.map(({ name, type }) => [name, type])).toEqual([
      ['odd', 'other'],
      ['regular', 'file'],
    ]);
  },
);

test('a socket is not read', async () => {
  const server = createServer();
  await new Promise<void>((resolve) =>
    server.listen(join(root, 'socket'), resolve),
  );
  await expect(directory.read(at('socket'))).rejects.toThrow(
    ForbiddenEntryError,
  );
  await new Promise((resolve) => server.close(resolve));
});

test('a linked directory is followed inside the volume and refused outside', async () => {
  await put('d/f', 'inside');
  await mkdir(join(outside, 'out'));
  await writeFile(join(outside, 'out/f'), 'outside');
  await symlink('d', join(root, 'in'));
  await symlink('../out', join(root, 'out'));
  await put('in/g', 'by link');
  expect(await content('in/f')).toBe('inside');
  expect(await content('d/g')).toBe('by link');
  await expect(directory.read(at('out/f'))).rejects.toThrow(
    ForbiddenEntryError,
  );
  await expect(put('out/f', 'x')).rejects.toThrow(ForbiddenEntryError);
  await expect(put('out/new/f', 'x')).rejects.toThrow(ForbiddenEntryError);
  await expect(directory.remove(at('out/f'))).rejects.toThrow(
    ForbiddenEntryError,
  );
  await expect(directory.list(at('out'), { limit: 1 })).rejects.toThrow(
    ForbiddenEntryError,
  );
  expect(await readdir(join(outside, 'out'))).toEqual(['f']);
  expect(await readFile(join(outside, 'out/f'), 'utf8')).toBe('outside');
});

test('names that are swapped for links to the outside in a loop never let a byte out or in', async () => {
  await mkdir(join(outside, 'out'));
  for (const name of ['f', 'stable']) {
    await writeFile(join(outside, 'out', name), 'outside');
    await put(`real/${name}`, 'inside');
  }
  const stop = new AbortController();
  const swap = async (target: string, name: string): Promise<void> => {
    const fresh = join(outside, 'fresh');
    await symlink(target, fresh);
    await rename(fresh, join(root, name));
  };
  const swapping = (async () => {
    while (!stop.signal.aborted) {
      await swap('../out', 'd');
      await swap('../../out/f', 'real/f');
      await swap('real', 'd');
      await rm(join(root, 'real/f'), { force: true });
    }
  })();
  const seen = new Set<string>();
  const kinds = new Set(['inside', 'ForbiddenEntryError']);
  for (
    let i = 0;
    i < 300 || [...kinds].some((kind) => !seen.has(kind));
    i += 1
  ) {
    seen.add(await content('d/stable').catch((error: Error) => error.name));
    await put('d/f', 'inside').catch(ignoreForbidden);
    await put('d/g', 'x').catch(ignoreForbidden);
    await directory.remove(at('d/f')).catch(ignoreForbidden);
    await directory.remove(at('d/g')).catch(ignoreForbidden);
  }
  stop.abort();
  await swapping;
  seen.delete('EntryNotFoundError'); // before the first swap
  expect(seen).toEqual(kinds);
  expect((await readdir(join(outside, 'out'))).sort()).toEqual(['f', 'stable']);
  for (const name of ['f', 'stable']) {
    expect(await readFile(join(outside, 'out', name), 'utf8')).toBe('outside');
  }
});

function ignoreForbidden(error: unknown): void {
  if (error instanceof ForbiddenEntryError) return;
  ignoreExpected(error);
}

test('a volume whose directory is renamed stays what it is', async () => {
  await put('f', 'content');
  await rename(root, join(outside, 'renamed'));
  expect(await content('f')).toBe('content');
  await put('g', 'x');
  expect(await readdir(join(outside, 'renamed'))).toContain('g');
  await rename(join(outside, 'renamed'), root);
});

test('closing waits for what is in flight and refuses what comes later', async () => {
  const journal: string[] = [];
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => (finish = resolve));
  async function* slow() {
    yield Buffer.from('con');
    await held;
    yield Buffer.from('tent');
  }
  const writing = directory
    .put(at('f'), slow(), { maxBytes: 100 })
    .then(() => journal.push('put'));
  const closing = directory.close().then(() => journal.push('closed'));
  await expect(directory.read(at('f'))).rejects.toThrow(
    VolumeDirectoryClosedError,
  );
  journal.push('refused');
  finish();
  await Promise.all([writing, closing, directory.close()]);
  expect(journal).toEqual(['refused', 'put', 'closed']);
  directory = await VolumeDirectory.open(root);
  expect(await content('f')).toBe('content');
});

test('nothing stays open after use', async () => {
  const open = async (): Promise<number> =>
    (await readdir('/proc/self/fd')).length;
  await put('d/warm', 'x');
  await content('d/warm');
  const before = await open();
  for (let i = 0; i < 20; i += 1) {
    await put(`d/${i}/f`, 'x');
    await put(`d/${i}/f/below`, 'x').catch(() => {});
    await put(`d/${i}`, 'x').catch(() => {});
    await content(`d/${i}/f`);
    await content(`d/${i}`);
    await directory.read(at(`d/${i}/f/`)).catch(() => {});
    await directory.list(at('d'), { limit: 5 });
    await directory.remove(at(`d/${i}/f`));
    await directory.remove(at(`d/${i}/f`)).catch(() => {});
  }
  await expect.poll(open).toBeLessThanOrEqual(before);
});
