import { lockDirectory } from './directory-lock.js';
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
import { Staging } from './staging.js';
import {
  EntryNotFoundError,
  StorageError,
  StorageTroubleError,
  VolumeBrokenError,
  VolumeDirectoryClosedError,
  VolumeDirectoryOutdatedError,
  VolumeDirectoryUnusableError,
  VolumeFencedError,
} from './storage.errors.js';
import { errnoOf, storageErrorFrom } from './system-errors.js';
import {
  type ChangeOptions,
  parentIsFileAsNotFound,
  type PutResult,
  VolumeChanges,
} from './volume-changes.js';
import type { VolumePath } from './volume-path.js';

/** The files of one volume: changed by one process at a time, durable, and never outside its directory. */
export class VolumeDirectory {
  private readonly parents: ParentDirectories;
  private readonly changes: VolumeChanges;
  private operations = 0;
  private closing: Promise<void> | undefined;
  private whenIdle: (() => void) | undefined;

  private constructor(
    private readonly root: PinnedDirectory,
    private readonly staging: Staging,
    private readonly path: string,
    private readonly onBroken: (error: VolumeBrokenError) => void,
    /** That of its lease; undefined without one. */
    readonly token: bigint | undefined,
  ) {
    this.parents = new ParentDirectories(root);
    this.changes = new VolumeChanges(this.parents, staging);
  }

  /**
   * Opens an existing directory for this process alone, and removes the
   * unfinished uploads of earlier processes. Without a token others are locked
   * out, and waited for. With one nobody is waited for: from then on, whoever has
   * an older token, or none, cannot change anything any more.
   *
   * @param options.token fencing token of the lease under which it is used
   * @param options.lockWaitMs how long to wait for another holder; 0 by default
   * @param options.onBroken called when an operation finds the directory itself
   * broken, perhaps more than once; the operation throws that VolumeBrokenError
   * @throws VolumeDirectoryLockedError, VolumeDirectoryUnusableError
   * @throws VolumeDirectoryOutdatedError where it was used with a newer token
   */
  static async open(
    path: string,
    options: {
      token?: bigint | undefined;
      lockWaitMs?: number;
      signal?: AbortSignal;
      onBroken?: (error: VolumeBrokenError) => void;
    } = {},
  ): Promise<VolumeDirectory> {
    const root = await openRoot(path);
    try {
      const { token, lockWaitMs: waitMs = 0, signal } = options;
      if (token === undefined) {
        await lockDirectory(root, path, { waitMs, signal });
      }
      const staging = await openStaging(root, path, token);
      const { onBroken = () => {} } = options;
      return new VolumeDirectory(root, staging, path, onBroken, token);
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
      this.parents.use(path.segments, (directory) => {
        // A link may lead to the root as well.
        const isRoot = directory.realPath() === this.root.realPath();
        return listDirectory(directory, page, { isRoot });
      }),
    );
  }

  /**
   * Stores all of `source` under `path`, in one step that survives a power
   * failure once this resolves; parent directories are made. On an error `path`
   * is as it was, unless the disk failed to confirm what was already done.
   * @throws StorageError, what `source` or `check` threw, or the reason of the signal
   */
  async put(
    path: VolumePath,
    source: AsyncIterable<Uint8Array>,
    options: ChangeOptions & { readonly maxBytes: number },
  ): Promise<PutResult> {
    return this.operate(path, () => this.changes.put(path, source, options));
  }

  /**
   * Removes the file, or the empty directory, under `path`, durably.
   * @throws StorageError, or what `check` threw
   */
  async remove(path: VolumePath, options: ChangeOptions = {}): Promise<void> {
    return this.operate(path, () => this.changes.remove(path, options));
  }

  /**
   * Refuses further operations, waits for those in flight and gives the lock
   * back. Files that were opened stay readable.
   */
  close(): Promise<void> {
    this.closing ??= this.closeWhenIdle();
    return this.closing;
  }

  /**
   * An error of one file is that file's. One of the directory itself is the
   * volume's: what is not found there may well exist.
   */
  private async assertSound(): Promise<void> {
    let cause: unknown;
    try {
      if (await this.root.isStillAt(this.path)) return;
      cause = new Error(`${this.path} is another directory now`);
    } catch (thrown) {
      if (!signsOfTrouble.has(errnoOf(thrown))) return;
      cause = thrown;
    }
    const error = new VolumeBrokenError({ cause });
    this.onBroken(error);
    throw error;
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
    } catch (thrown) {
      const error =
        thrown instanceof StorageError
          ? thrown
          : storageErrorFrom(thrown, `${path}`);
      if (mayBeBroken(error)) await this.assertSound();
      throw error;
    } finally {
      this.operations -= 1;
      if (this.operations === 0) this.whenIdle?.();
    }
  }
}

/** What a broken directory looks like to an operation: everything is gone, or fails. */
function mayBeBroken(error: unknown): boolean {
  return (
    error instanceof EntryNotFoundError || error instanceof StorageTroubleError
  );
}

// What it says of a directory. Of anything else, such as that no descriptor is
// left, nothing follows.
const signsOfTrouble: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EIO',
  'ELOOP',
  'ENODEV',
  'ENOENT',
  'ENOTDIR',
  'ENXIO',
  'EPERM',
  'EROFS',
  'ESTALE',
]);

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
  token: bigint | undefined,
): Promise<Staging> {
  try {
    return await Staging.open(root, token);
  } catch (cause) {
    if (cause instanceof VolumeFencedError) {
      throw new VolumeDirectoryOutdatedError(path, { cause });
    }
    throw new VolumeDirectoryUnusableError(
      `cannot prepare ${path} for uploads: expected it to be writable (${String(cause)})`,
      { cause },
    );
  }
}
