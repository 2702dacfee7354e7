import { constants } from 'node:fs';
import {
  type FileHandle,
  open,
  readdir,
  rename,
  rm,
  unlink,
} from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { Fence } from './fence.js';
import { type FileFacts, fileFactsOf } from './file-facts.js';
import { isLater, stampAfter } from './modification-time.js';
import type { PinnedDirectory } from './pinned-directory.js';
import { StorageFailedError, UploadTooLargeError } from './storage.errors.js';
import { errnoOf } from './system-errors.js';

const CREATE_NEW =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_EXCL |
  constants.O_NOFOLLOW;

/**
 * The directory that changes of a volume go through, that of unfinished uploads: on
 * the same file system as its files, so that a rename publishes them, and in
 * one place, so that what a crash left is swept without a walk through the
 * volume. A newer holder takes it away; see `Fence`.
 */
export class Staging {
  /** Those that somebody removed; uploads that began in them may not be over. */
  private readonly removed: PinnedDirectory[] = [];

  private constructor(
    private readonly fence: Fence,
    private directory: PinnedDirectory,
  ) {}

  /**
   * Opens it, made anew if need be, and removes what an earlier process left. With a
   * token, no older holder and none without a token changes anything from then
   * on.
   * @throws VolumeFencedError when a newer holder was there
   */
  static async open(root: PinnedDirectory, token?: bigint): Promise<Staging> {
    const fence = new Fence(root, token);
    const staging = new Staging(fence, await fence.enter());
    try {
      await fence.shutOutOthers();
      await staging.sweep();
      return staging;
    } catch (error) {
      await staging.close();
      throw error;
    }
  }

  /**
   * A new empty file, not yet visible in the volume.
   * @throws VolumeFencedError when a newer holder was there
   * @throws StorageFailedError when the volume's own directory is gone
   */
  async create(): Promise<StagedFile> {
    try {
      return await this.createIn(this.directory);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    try {
      return await this.createIn(await this.renew());
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT') throw cause;
      throw new StorageFailedError('the volume is gone', { cause });
    }
  }

  /**
   * Removes a file of the volume, in one step, unless a newer holder was there.
   * @throws VolumeFencedError
   */
  async remove(path: string): Promise<void> {
    try {
      await takeAway(path, this.directory);
    } catch (error) {
      await this.fence.assertNewest();
      const errno = errnoOf(error);
      // Without a token the lock of the directory keeps others out.
      if (errno === 'EXDEV' && this.fence.token === undefined) {
        return unlink(path);
      }
      if (errno !== 'ENOENT') throw error;
      // Its own directory may be what is missing.
      await takeAway(path, await this.renew());
    }
  }

  /** @throws VolumeFencedError when a newer holder was there */
  assertNewest(): Promise<void> {
    return this.fence.assertNewest();
  }

  async close(): Promise<void> {
    for (const directory of [...this.removed, this.directory]) {
      await directory.close();
    }
  }

  /** Somebody has removed it. */
  private async renew(): Promise<PinnedDirectory> {
    const made = await this.fence.enter();
    this.removed.push(this.directory);
    this.directory = made;
    return made;
  }

  private async createIn(directory: PinnedDirectory): Promise<StagedFile> {
    const path = directory.entry(randomUUID());
    return new StagedFile(path, await open(path, CREATE_NEW, 0o600));
  }

  private async sweep(): Promise<void> {
    for (const name of await readdir(this.directory.entry('.'))) {
      await rm(this.directory.entry(name), { recursive: true });
    }
  }
}

/** The rename is what removes it. */
async function takeAway(
  path: string,
  directory: PinnedDirectory,
): Promise<void> {
  const taken = directory.entry(randomUUID());
  await rename(path, taken);
  await rm(taken, { force: true });
}

/** One unfinished upload: `write`, `dateAfter`, `publish`; `discard` in every case. */
export class StagedFile {
  private published = false;
  private stamp = 0;

  constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Writes all of `source` and makes it durable.
   * @throws UploadTooLargeError after `maxBytes`
   */
  async write(
    source: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<number> {
    let length = 0;
    for await (const chunk of source) {
      length += chunk.byteLength;
      if (length > maxBytes) throw new UploadTooLargeError(maxBytes);
      await this.handle.writeFile(chunk);
    }
    await this.saveWith(stampAfter(undefined));
    return length;
  }

  /** Gives it a later date than that of the version that it replaces, in milliseconds since 1970. */
  async dateAfter(replaced: number | undefined): Promise<void> {
    if (!isLater(this.stamp, replaced))
      await this.saveWith(stampAfter(replaced));
  }

  /** Gives it its name in the volume, in one step, replacing what was there. */
  async publish(path: string): Promise<void> {
    await rename(this.path, path);
    this.published = true;
  }

  /** Facts of the file as written. */
  async facts(): Promise<FileFacts> {
    return fileFactsOf(await this.handle.stat({ bigint: true }));
  }

  private async saveWith(stamp: number): Promise<void> {
    this.stamp = stamp;
    await this.handle.utimes(stamp / 1000, stamp / 1000);
    await this.handle.sync();
  }

  /** Closes it, and removes it unless it was published. */
  async discard(): Promise<void> {
    await this.handle.close();
    if (!this.published) await rm(this.path, { force: true });
  }
}
