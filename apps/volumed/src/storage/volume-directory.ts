import { lstat, rmdir, unlink } from 'node:fs/promises';
import { lockDirectory } from './directory-lock.js';
import { type FileFacts, fileFactsOf } from './file-facts.js';
import { KeyedMutex } from './keyed-mutex.js';
import {
  type DirectoryListing,
  listDirectory,
  type ListingPage,
} from './listing.js';
import {
  type FoundDirectory,
  type OpenedFile,
  openEntry,
} from './opened-entry.js';
import { ParentDirectories } from './parent-directories.js';
import { PinnedDirectory } from './pinned-directory.js';
import { type StagedFile, Staging } from './staging.js';
import {
  EntryConflictError,
  EntryNotFoundError,
  errnoOf,
  ForbiddenEntryError,
  StorageError,
  storageErrorFrom,
  VolumeDirectoryClosedError,
  VolumeDirectoryUnusableError,
} from './storage.errors.js';
import type { VolumePath } from './volume-path.js';

/** Throws when a change must not be made, given what is stored now. */
export type PreconditionCheck = (current: FileFacts | undefined) => void;

/** How a change is guarded. */
export interface ChangeOptions {
  /** Called before the work and again, atomically, with the change itself. */
  readonly check?: PreconditionCheck;
  /** Once aborted, nothing in the volume changes any more. */
  readonly signal?: AbortSignal;
}

/** What a put did. */
export interface PutResult {
  readonly created: boolean;
  readonly facts: FileFacts;
  readonly bytes: number;
}

/** The files of one volume: one process at a time, durable, and never outside its directory. */
export class VolumeDirectory {
  private readonly parents: ParentDirectories;
  private readonly changes = new KeyedMutex();
  private operations = 0;
  private closing: Promise<void> | undefined;
  private whenIdle: (() => void) | undefined;

  private constructor(
    private readonly root: PinnedDirectory,
    private readonly staging: Staging,
  ) {
    this.parents = new ParentDirectories(root);
  }

  /**
   * Opens an existing directory for this process alone, and removes the
   * unfinished uploads of earlier processes.
   *
   * @param options.lockWaitMs how long to wait for another holder; 0 by default
   * @throws VolumeDirectoryLockedError, VolumeDirectoryUnusableError
   */
  static async open(
    path: string,
    options: { lockWaitMs?: number; signal?: AbortSignal } = {},
  ): Promise<VolumeDirectory> {
    const root = await openRoot(path);
    try {
      await lockDirectory(root, path, {
        waitMs: options.lockWaitMs ?? 0,
        signal: options.signal,
      });
      return new VolumeDirectory(root, await openStaging(root, path));
    } catch (error) {
      await root.close();
      throw error;
    }
  }

  /**
   * Opens the file under `path`, to be closed by the caller, or tells that a
   * directory is there.
   * @throws StorageError
   */
  async read(path: VolumePath): Promise<OpenedFile | FoundDirectory> {
    return this.operate(path, async () => {
      const entry = await openEntry(this.root, path.toString()).catch(
        parentIsFileAsNotFound,
      );
      if (entry.kind === 'directory' || !path.directory) return entry;
      entry.close();
      throw new EntryNotFoundError(`${path} is a file, not a directory`);
    });
  }

  /** Reads a page of the directory under `path`. @throws StorageError */
  async list(path: VolumePath, page: ListingPage): Promise<DirectoryListing> {
    return this.operate(path, () =>
      this.inDirectory(path.segments, (directory) =>
        listDirectory(directory, page, { isRoot: path.isRoot }),
      ),
    );
  }

  /**
   * Stores all of `source` under `path`, in one step that survives a power
   * failure once this resolves; parent directories are made. On every error
   * `path` is as it was.
   * @throws StorageError, what `source` or `check` threw, or the reason of the signal
   */
  async put(
    path: VolumePath,
    source: AsyncIterable<Uint8Array>,
    options: ChangeOptions & { readonly maxBytes: number },
  ): Promise<PutResult> {
    return this.operate(path, async () => {
      await this.assertReplaceable(path, options);
      const staged = await this.staging.create();
      try {
        const bytes = await staged.write(source, options.maxBytes);
        const facts = await staged.facts();
        const created = await this.publish(path, staged, options);
        return { created, facts, bytes };
      } finally {
        await staged.discard();
      }
    });
  }

  /**
   * Removes the file, or the empty directory, under `path`, durably.
   * @throws StorageError, or what `check` threw
   */
  async remove(path: VolumePath, options: ChangeOptions = {}): Promise<void> {
    return this.operate(path, async () => {
      if (path.isRoot) {
        throw new EntryConflictError('the root of a volume cannot be removed');
      }
      await this.inDirectory(path.parentSegments, (parent) =>
        this.changes.run(`${parent.realPath()}/${path.name}`, () =>
          this.removeFrom(parent, path, options),
        ),
      ).catch(parentIsFileAsNotFound);
    });
  }

  /**
   * Refuses further operations, waits for those in flight and gives the lock
   * back. Files that were opened stay readable.
   */
  close(): Promise<void> {
    this.closing ??= this.closeWhenIdle();
    return this.closing;
  }

  private async closeWhenIdle(): Promise<void> {
    if (this.operations > 0) {
      await new Promise<void>((resolve) => (this.whenIdle = resolve));
    }
    await this.staging.close();
    await this.root.close();
  }

  /**
   * Every use of the root's descriptor is counted here: it is closed only when
   * none is left, or its number could by then belong to another directory.
   */
  private async operate<T>(
    path: VolumePath,
    operation: () => Promise<T>,
  ): Promise<T> {
    if (this.closing) throw new VolumeDirectoryClosedError();
    this.operations += 1;
    try {
      return await operation();
    } catch (error) {
      throw error instanceof StorageError
        ? error
        : storageErrorFrom(error, `${path}`);
    } finally {
      this.operations -= 1;
      if (this.operations === 0) this.whenIdle?.();
    }
  }

  private async inDirectory<T>(
    segments: readonly string[],
    use: (directory: PinnedDirectory) => Promise<T>,
  ): Promise<T> {
    const directory = await this.parents.open(segments);
    try {
      return await use(directory);
    } finally {
      await directory.close();
    }
  }

  /** Finds out before the upload, rather than after it, what would refuse it. */
  private async assertReplaceable(
    path: VolumePath,
    options: ChangeOptions,
  ): Promise<void> {
    if (path.directory) {
      throw new EntryConflictError(`${path} names a directory, not a file`);
    }
    const current = await this.inDirectory(path.parentSegments, (parent) =>
      factsIn(parent, path.name),
    ).catch(missingAsUndefined);
    options.check?.(current);
    options.signal?.throwIfAborted();
  }

  private async publish(
    path: VolumePath,
    staged: StagedFile,
    options: ChangeOptions,
  ): Promise<boolean> {
    const parent = await this.parents.openOrMake(path.parentSegments);
    try {
      return await this.changes.run(
        `${parent.realPath()}/${path.name}`,
        async () => {
          const current = await factsIn(parent, path.name);
          options.check?.(current);
          options.signal?.throwIfAborted();
          await staged.publish(parent.entry(path.name));
          await parent.sync();
          return current === undefined;
        },
      );
    } finally {
      await parent.close();
    }
  }

  private async removeFrom(
    parent: PinnedDirectory,
    path: VolumePath,
    options: ChangeOptions,
  ): Promise<void> {
    const entry = parent.entry(path.name);
    const stats = await lstat(entry, { bigint: true });
    const isDirectory = stats.isDirectory();
    if (!isDirectory) assertRegular(stats, path.name);
    if (path.directory && !isDirectory) {
      throw new EntryNotFoundError(`${path} is a file, not a directory`);
    }
    options.check?.(isDirectory ? undefined : fileFactsOf(stats));
    options.signal?.throwIfAborted();
    await (isDirectory ? rmdir(entry) : unlink(entry));
    if (isDirectory) this.parents.forget(path.segments);
    await parent.sync();
  }
}

async function openRoot(path: string): Promise<PinnedDirectory> {
  try {
    return await PinnedDirectory.open(path);
  } catch (cause) {
    throw new VolumeDirectoryUnusableError(
      `cannot open ${path}: expected an existing directory (${String(cause)}); create it, or correct the path of the volume`,
      { cause },
    );
  }
}

async function openStaging(
  root: PinnedDirectory,
  path: string,
): Promise<Staging> {
  try {
    return await Staging.open(root);
  } catch (cause) {
    throw new VolumeDirectoryUnusableError(
      `cannot prepare ${path} for uploads: expected it to be writable (${String(cause)})`,
      { cause },
    );
  }
}

/** Facts of the file `name`; undefined when there is none. */
async function factsIn(
  parent: PinnedDirectory,
  name: string,
): Promise<FileFacts | undefined> {
  try {
    const stats = await lstat(parent.entry(name), { bigint: true });
    if (stats.isDirectory()) {
      throw new EntryConflictError(`${name} is a directory`);
    }
    assertRegular(stats, name);
    return fileFactsOf(stats);
  } catch (error) {
    return missingAsUndefined(error);
  }
}

function assertRegular(stats: { isFile(): boolean }, name: string): void {
  if (!stats.isFile()) {
    throw new ForbiddenEntryError(`${name} is not a regular file`);
  }
}

function missingAsUndefined(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
  return undefined;
}

function parentIsFileAsNotFound(error: unknown): never {
  if (errnoOf(error) !== 'ENOTDIR') throw error;
  throw new EntryNotFoundError('a parent of the path is a file', {
    cause: error,
  });
}
