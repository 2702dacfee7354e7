import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PinnedDirectory } from './pinned-directory.js';
import { FENCE_NAME, STAGING_NAME } from './reserved-names.js';
import { StagedFile, Staging } from './staging.js';
import {
  EntryNotFoundError,
  VolumeDirectoryOutdatedError,
  VolumeFencedError,
} from './storage.errors.js';
import { VolumeDirectory } from './volume-directory.js';
import { VolumePath } from './volume-path.js';

let root: string;
const opened: VolumeDirectory[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fence-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const directory of opened.splice(0)) await directory.close();
  await rm(root, { recursive: true });
});

/** What a peer has that serves the volume with a token; undefined for one without leases. */
async function holder(token?: bigint): Promise<VolumeDirectory> {
  const directory = await VolumeDirectory.open(root, { token });
  opened.push(directory);
  return directory;
}

const at = (path: string): VolumePath => VolumePath.parse(path);

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const put = (
  directory: VolumeDirectory,
  path: string,
  source = bytes('content'),
  check = () => {},
) => directory.put(at(path), source, { maxBytes: 100, check });

const textAt = (path: string): Promise<string> =>
  readFile(join(root, path), 'utf8');

const tokens = (): Promise<string[]> => readdir(join(root, FENCE_NAME));

/** All that is in the volume and is no directory of volumed's own. */
async function files(): Promise<string[]> {
  const names = await readdir(root);
  return names.filter((name) => !name.startsWith('.volumed-')).sort();
}

test('who serves a volume leaves its token there, also when it has let go', async () => {
  await (await holder(3n)).close();
  expect(await tokens()).toEqual(['3']);
  await (await holder(12n)).close();
  expect(await tokens()).toEqual(['12']);
});

test('a directory that was served with a newer token is not opened with an older one, nor without one', async () => {
  await (await holder(12n)).close();
  for (const older of [3n, undefined]) {
    const opening = holder(older);
    await expect(opening).rejects.toThrow(VolumeDirectoryOutdatedError);
    await expect(opening).rejects.toThrow(`${root} was served with token 12`);
  }
  expect(await tokens()).toEqual(['12']);
  expect(await readdir(root)).toEqual([FENCE_NAME]);
});

test('the same token opens it again, after a serving that failed', async () => {
  await (await holder(3n)).close();
  await put(await holder(3n), 'f');
  expect(await textAt('f')).toBe('content');
});

test.each([
  ['with an older token', 1n],
  ['without a token', undefined],
])(
  'who holds a volume %s changes nothing once a newer holder is there',
  async (_how, token) => {
    const former = await holder(token);
    await put(former, 'old');
    await put(former, 'folder/f');
    await former.remove(at('folder/f'));
    const newer = await holder(2n);
    await put(newer, 'new');
    for (const attempt of [
      () => put(former, 'old', bytes('late')),
      () => put(former, 'new', bytes('late')),
      () => put(former, 'another'),
      () => put(former, 'made/on/the/way'),
      () => former.remove(at('new')),
      () => former.remove(at('old')),
      () => former.remove(at('folder')),
    ]) {
      await expect(attempt()).rejects.toThrow(VolumeFencedError);
    }
    expect(await files()).toEqual(['folder', 'new', 'old']);
    expect(await textAt('old')).toBe('content');
    await put(newer, 'old', bytes('newer'));
    await newer.remove(at('folder'));
    expect(await textAt('old')).toBe('newer');
  },
);

test.each([
  ['with an older token', 1n],
  ['without a token', undefined],
])(
  'an upload %s that began before is refused when it would become visible',
  async (_how, token) => {
    const former = await holder(token);
    await put(former, 'f', bytes('old'));
    async function* overtaken() {
      yield Buffer.from('late ');
      await put(await holder(2n), 'f', bytes('newer'));
      yield Buffer.from('upload');
    }
    await expect(put(former, 'f', overtaken())).rejects.toThrow(
      VolumeFencedError,
    );
    expect(await textAt('f')).toBe('newer');
    expect(await readdir(join(root, FENCE_NAME, '2'))).toEqual([]);
  },
);

test('an upload that was checked for the last time, and has only to become visible, is refused', async () => {
  const former = await holder(1n);
  await put(former, 'f', bytes('old'));
  // The process stands still there, and goes on when another one has taken over.
  vi.spyOn(StagedFile.prototype, 'publish').mockImplementationOnce(
    async function (this: StagedFile, path) {
      await put(await holder(2n), 'f', bytes('newer'));
      await this.publish(path);
    },
  );
  const storing = put(former, 'f', bytes('late'));
  await expect(storing).rejects.toThrow(VolumeFencedError);
  expect(await textAt('f')).toBe('newer');
});

test('a removal that was checked for the last time is refused', async () => {
  const former = await holder(1n);
  await put(former, 'f', bytes('old'));
  vi.spyOn(Staging.prototype, 'remove').mockImplementationOnce(async function (
    this: Staging,
    path,
  ) {
    await put(await holder(2n), 'f', bytes('newer'));
    await this.remove(path);
  });
  await expect(former.remove(at('f'))).rejects.toThrow(VolumeFencedError);
  expect(await textAt('f')).toBe('newer');
});

test('of holders that open it at the same time only the newest changes it afterwards', async () => {
  const all = await Promise.allSettled(
    [5n, 1n, 4n, 2n, 3n].map((token) => holder(token)),
  );
  expect(await tokens()).toEqual(['5']);
  const refused = all.filter((result) => result.status === 'rejected');
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(VolumeDirectoryOutdatedError);
  }
  const [newest, ...former] = opened.sort((one, other) =>
    Number(other.token! - one.token!),
  );
  for (const directory of former) {
    await expect(put(directory, 'former')).rejects.toThrow(VolumeFencedError);
  }
  expect(newest?.token).toBe(5n);
  await put(newest!, 'newest');
  expect(await files()).toEqual(['newest']);
});

test('a holder whose directory a newer one removes as it makes it is told that it is outdated', async () => {
  const open = PinnedDirectory.openNoFollow.bind(PinnedDirectory);
  vi.spyOn(PinnedDirectory, 'openNoFollow').mockImplementation(async (path) => {
    if (path.endsWith('/1')) await holder(2n);
    return open(path);
  });
  await expect(holder(1n)).rejects.toThrow(VolumeDirectoryOutdatedError);
});

test('a former holder that goes on making files is shut out all the same', async () => {
  const former = await holder(1n);
  const storing = Promise.allSettled(
    Array.from({ length: 8 }, async (_, index) => {
      // Until it is refused.
      for (let stored = 0; ; stored += 1) {
        await put(former, `${index}`, bytes(`${stored}`));
      }
    }),
  );
  await put(former, 'begun');
  await holder(2n);
  const before = await Promise.all(
    (await files()).map(async (name) => [name, await textAt(name)]),
  );
  for (const stored of await storing) {
    expect(stored).toMatchObject({ reason: expect.any(VolumeFencedError) });
  }
  for (const [name = '', content] of before) {
    expect([name, await textAt(name)]).toEqual([name, content]);
  }
});

test('a fence that somebody removes is made anew by who serves the volume', async () => {
  const directory = await holder(1n);
  await put(directory, 'one');
  await rm(join(root, FENCE_NAME), { recursive: true });
  await directory.remove(at('one'));
  await rm(join(root, FENCE_NAME), { recursive: true });
  await put(directory, 'two');
  expect(await files()).toEqual(['two']);
  expect(await tokens()).toEqual(['1']);
});

test('clients see nothing of the fence, and reach nothing in it', async () => {
  const directory = await holder(1n);
  const { entries } = await directory.list(VolumePath.root, { limit: 10 });
  expect(entries).toEqual([]);
  expect(() => at(`${FENCE_NAME}/1`)).toThrow('is reserved');
  expect(() => at(STAGING_NAME)).toThrow('is reserved');
});

test('what is not there is not found, and not fenced', async () => {
  const directory = await holder(1n);
  await expect(directory.remove(at('missing'))).rejects.toThrow(
    EntryNotFoundError,
  );
});
