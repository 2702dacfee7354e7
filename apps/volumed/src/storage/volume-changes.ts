import { lstat, rmdir } from 'node:fs/promises';
import {
  assertRegular,
  factsIn,
  type FileFacts,
  fileFactsOf,
  missingAsUndefined,
} from './file-facts.js';
import { KeyedMutex } from './keyed-mutex.js';
import { lastModifiedOf } from './modification-time.js';
import type { ParentDirectories } from './parent-directories.js';
import type { PinnedDirectory } from './pinned-directory.js';
import type { StagedFile, Staging } from './staging.js';
import {
  EntryConflictError,
  EntryNotFoundError,
  StorageFailedError,
} from './storage.errors.js';
import { errnoOf } from './system-errors.js';
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

/** How often a put makes parents that a concurrent removal takes away again. */
const PUBLISH_ATTEMPTS = 5;

/**
 * What changes a volume. Checks and changes of one name are one step to each
 * other; nobody else writes here, as the directory is locked, or as a newer holder
 * shuts this one out (see `Fence`).
 */
export class VolumeChanges {
  private readonly mutex = new KeyedMutex();
  /** The latest date of what was removed: a new file of that name needs a later one. */
  private lastRemoved = 0;

  constructor(
    private readonly parents: ParentDirectories,
    private readonly staging: Staging,
  ) {}

  /** See `VolumeDirectory.put`; may throw errors of the operating system. */
  async put(
    path: VolumePath,
    source: AsyncIterable<Uint8Array>,
    options: ChangeOptions & { readonly maxBytes: number },
  ): Promise<PutResult> {
    await this.assertReplaceable(path, options);
    const staged = await this.staging.create();
    try {
      const bytes = await staged.write(source, options.maxBytes);
      const created = await this.publish(path, staged, options);
      return { created, facts: await staged.facts(), bytes };
    } finally {
      await staged.discard();
    }
  }

  /** See `VolumeDirectory.remove`; may throw errors of the operating system. */
  async remove(path: VolumePath, options: ChangeOptions): Promise<void> {
    if (path.isRoot) {
      throw new EntryConflictError('the root of a volume cannot be removed');
    }
    const removal = this.parents.use(path.parentSegments, (parent) =>
      this.alone(parent, path, () => this.removeFrom(parent, path, options)),
    );
    await removal.catch(parentIsFileAsNotFound);
  }

  /** Finds out before the upload, rather than after it, what would refuse it. */
  private async assertReplaceable(
    path: VolumePath,
    options: ChangeOptions,
  ): Promise<void> {
    if (path.directory) {
      throw new EntryConflictError(`${path} names a directory, not a file`);
    }
    const current = await this.parents
      .use(path.parentSegments, async (parent) => {
        this.parents.placeOf(parent, path.name);
        return factsIn(parent, path.name);
      })
      .catch(missingAsUndefined);
    options.check?.(current);
    options.signal?.throwIfAborted();
  }

  private async publish(
    path: VolumePath,
    staged: StagedFile,
    options: ChangeOptions,
  ): Promise<boolean> {
    // It would make directories on the way.
    await this.staging.assertNewest();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.publishOnce(path, staged, options);
      } catch (error) {
        const parentVanished = errnoOf(error) === 'ENOENT';
        if (!parentVanished) throw error;
        await this.staging.assertNewest();
        if (attempt === PUBLISH_ATTEMPTS) throw uploadLost(error);
      }
    }
  }

  private async publishOnce(
    path: VolumePath,
    staged: StagedFile,
    options: ChangeOptions,
  ): Promise<boolean> {
    const parent = await this.parents.openOrMake(path.parentSegments);
    try {
      return await this.alone(parent, path, async () => {
        const current = await factsIn(parent, path.name);
        options.check?.(current);
        options.signal?.throwIfAborted();
        await staged.dateAfter(current?.modifiedAt ?? this.lastRemoved);
        await staged.publish(parent.entry(path.name));
        await parent.sync();
        return current === undefined;
      });
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
    if (isDirectory) {
      await this.removeEmpty(path, entry);
    } else {
      await this.staging.remove(entry);
      this.noteRemoved(fileFactsOf(stats));
    }
    await parent.sync();
  }

  /**
   * Not one step with the check: of an empty directory nothing is lost, and a newer
   * holder that stores something in it makes it anew.
   */
  private async removeEmpty(path: VolumePath, entry: string): Promise<void> {
    await this.staging.assertNewest();
    await this.parents.remove(path.segments, () => rmdir(entry));
  }

  private noteRemoved(facts: FileFacts): void {
    this.lastRemoved = Math.max(this.lastRemoved, lastModifiedOf(facts));
  }

  private async alone<T>(
    parent: PinnedDirectory,
    path: VolumePath,
    action: () => Promise<T>,
  ): Promise<T> {
    return this.mutex.run(this.parents.placeOf(parent, path.name), action);
  }
}

/** For reads and removals a file in the place of a parent means that nothing is there. */
export function parentIsFileAsNotFound(error: unknown): never {
  if (errnoOf(error) !== 'ENOTDIR') throw error;
  throw new EntryNotFoundError('a parent of the path is a file', {
    cause: error,
  });
}

function uploadLost(cause: unknown): Error {
  return new StorageFailedError('the upload vanished before it was stored', {
    cause,
  });
}
