import {
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  ConfMap,
  type TransitionContext,
  type TransitionsService,
} from 'nestjs-transitions';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  EntryNotFoundError,
  VolumeBrokenError,
  VolumeFencedError,
  VolumePath,
} from '../storage/index.js';
import { lockWaitFor, VolumeStore } from './volume-store.js';

let root: string;
let store: VolumeStore;
const fail = vi.fn<TransitionsService['fail']>(() => new Promise(() => {}));
const context = { signal: new AbortController().signal } as TransitionContext;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'volume-store-'));
  fail.mockClear();
  store = new VolumeStore(10_000, { fail });
});

afterEach(() => rm(root, { recursive: true }));

function conf(directories: Record<string, string>): ConfMap {
  const volumes = Object.keys(directories);
  return ConfMap.fromObject({
    FileServer: { DataRoot: [root] },
    FSGlobals: { VolumeGroupList: ['g'] },
    'VolumeGroup:g': { VolumeList: volumes },
    ...Object.fromEntries(
      volumes.map((volume) => [
        `Volume:${volume}`,
        { Directory: [directories[volume]!] },
      ]),
    ),
  });
}

it('a volume has its directory open and locked while it is served, and only then', async () => {
  const confMap = conf({ photos: 'p' });
  await store.up(confMap);
  store.volumeCreated(confMap, 'photos');
  expect(store.directory('photos')).toBeUndefined();
  await store.serveVolume(confMap, 'photos', context);
  expect(store.directory('photos')).toBeDefined();
  expect(await readdir(root)).toEqual(['p']);
  expect(() => store.down()).toThrow('still open: photos');
  await store.unserveVolume(confMap, 'photos');
  expect(store.directory('photos')).toBeUndefined();
  store.volumeDestroyed(confMap, 'photos');
  store.down();
});

it('a second server of a volume waits until the first lets go', async () => {
  const confMap = conf({ photos: 'p' });
  const other = new VolumeStore(10_000, { fail });
  for (const one of [store, other]) {
    await one.up(confMap);
    one.volumeCreated(confMap, 'photos');
  }
  await store.serveVolume(confMap, 'photos', context);
  const waiting = other.serveVolume(confMap, 'photos', context);
  expect(other.directory('photos')).toBeUndefined();
  await store.unserveVolume(confMap, 'photos');
  await waiting;
  expect(other.directory('photos')).toBeDefined();
  await other.unserveVolume(confMap, 'photos');
});

it('with a lease the next server waits for nobody, and the former one changes nothing any more', async () => {
  const confMap = conf({ photos: 'p' });
  const other = new VolumeStore(10_000, { fail });
  for (const one of [store, other]) {
    await one.up(confMap);
    one.volumeCreated(confMap, 'photos');
  }
  await store.serveVolume(confMap, 'photos', { ...context, fencingToken: 7n });
  expect(store.tokens).toEqual({ photos: '7' });
  await other.serveVolume(confMap, 'photos', { ...context, fencingToken: 9n });
  expect(other.tokens).toEqual({ photos: '9' });
  const removal = store.directory('photos')!.remove(VolumePath.parse('f'));
  await expect(removal).rejects.toThrow(EntryNotFoundError);
  const folder = VolumePath.parse('folder');
  await mkdir(join(root, 'p/folder'));
  await expect(store.directory('photos')!.remove(folder)).rejects.toThrow(
    VolumeFencedError,
  );
  await store.unserveVolume(confMap, 'photos');
  expect(store.tokens).toEqual({});
  await expect(
    store.serveVolume(confMap, 'photos', { ...context, fencingToken: 8n }),
  ).rejects.toThrow('was served with token 9, and this process has 8');
  await other.unserveVolume(confMap, 'photos');
  await expect(store.serveVolume(confMap, 'photos', context)).rejects.toThrow(
    'this process has none: start this peer with --etcd',
  );
});

it('a directory that is gone fails its volume, is not made anew, and is taken again when it is back (F182)', async () => {
  const confMap = conf({ photos: 'p' });
  await store.up(confMap);
  store.volumeCreated(confMap, 'photos');
  await store.serveVolume(confMap, 'photos', context);
  await rename(join(root, 'p'), join(root, 'away'));
  const missing = VolumePath.parse('missing');
  await expect(store.directory('photos')!.read(missing)).rejects.toThrow(
    VolumeBrokenError,
  );
  expect(fail.mock.calls).toEqual([['photos', expect.any(VolumeBrokenError)]]);
  await store.unserveVolume(confMap, 'photos');
  await expect(store.serveVolume(confMap, 'photos', context)).rejects.toThrow(
    'expected an existing directory',
  );
  expect(await readdir(root)).toEqual(['away']);
  await rename(join(root, 'away'), join(root, 'p'));
  await store.serveVolume(confMap, 'photos', context);
  await expect(store.directory('photos')!.read(missing)).rejects.toThrow(
    EntryNotFoundError,
  );
  await store.unserveVolume(confMap, 'photos');
});

it.each([0, 10_000, 59_999])(
  'the wait for a directory outlasts a peer that drains it for %i ms (F157)',
  (drainTimeout) => {
    expect(lockWaitFor(drainTimeout)).toBeGreaterThan(drainTimeout + 10_000);
  },
);

it('vetoes two volumes in one directory', async () => {
  await expect(store.validate(conf({ a: 'x', b: 'x' }))).rejects.toThrow(
    'volumes a and b share',
  );
});

it.each(['..', '.', 'a/b', '/etc'])(
  'vetoes the directory %s, which is no folder in the data root',
  async (directory) => {
    await expect(store.validate(conf({ a: directory }))).rejects.toThrow(
      'expected the name of a folder',
    );
  },
);

it('vetoes another directory for a volume that is known', async () => {
  store.volumeCreated(conf({ a: 'x' }), 'a');
  await store.validate(conf({ a: 'x' }));
  await expect(store.validate(conf({ a: 'y' }))).rejects.toThrow(
    'would change its directory',
  );
});

it.each([
  ['a file', 'file'],
  ['below a file', 'file/below'],
])('vetoes a data root that is %s (F150)', async (_what, path) => {
  await writeFile(join(root, 'file'), '');
  const confMap = conf({}).withOverrides([
    `FileServer.DataRoot=${resolve(root, path)}`,
  ]);
  await expect(store.validate(confMap)).rejects.toThrow(
    /FileServer\.DataRoot is .+, which cannot be used: .+; expected a folder/,
  );
});

it('takes a data root that is still to be made, and makes nothing of it before (F150)', async () => {
  const confMap = conf({}).withOverrides([
    `FileServer.DataRoot=${join(root, 'new/deep')}`,
  ]);
  await store.validate(confMap);
  expect(await readdir(root)).toEqual([]);
  await store.up(confMap);
  expect(await readdir(root)).toEqual(['new']);
});

it('vetoes a directory whose name is too long for any file system (F150)', async () => {
  const name = 'x'.repeat(256);
  await expect(store.validate(conf({ a: name }))).rejects.toThrow(
    'Volume:a.Directory is',
  );
});
