import { constants } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  rename,
  rm,
} from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { type FileFacts, fileFactsOf } from './file-facts.js';
import { isLater, stampAfter } from './modification-time.js';
import { PinnedDirectory } from './pinned-directory.js';
import { StorageFailedError, UploadTooLargeError } from './storage.errors.js';
import { errnoOf } from './system-errors.js';
import { STAGING_NAME } from './volume-path.js';

const CREATE_NEW =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_EXCL |
  constants.O_NOFOLLOW;

/**
 * The directory of unfinished uploads in a volume: on the same file system as
 * its files, so that a rename publishes them, and in one place, so that what a
 * crash left is swept without a walk through the volume.
 */
export class Staging {
  /** Those that somebody removed; uploads that began in them may not be over. */
  private readonly removed: PinnedDirectory[] = [];

  private constructor(
    private readonly root: PinnedDirectory,
    private directory: PinnedDirectory,
  ) {}

  /** Opens it, made anew if need be, and removes what an earlier process left. */
  static async open(root: PinnedDirectory): Promise<Staging> {
    const staging = new Staging(root, await openOrMake(root));
    await staging.sweep();
    return staging;
  }

  /**
   * A new empty file, not yet visible in the volume.
   * @throws StorageFailedError when the volume's own directory is gone
   */
  async create(): Promise<StagedFile> {
    try {
      return await this.createIn(this.directory);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    try {
      const made = await openOrMake(this.root);
      this.removed.push(this.directory);
      this.directory = made;
      return await this.createIn(made);
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT') throw cause;
      throw new StorageFailedError('the volume is gone', { cause });
    }
  }

  async close(): Promise<void> {
    for (const directory of [...this.removed, this.directory]) {
      await directory.close();
    }
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

async function openOrMake(root: PinnedDirectory): Promise<PinnedDirectory> {
  const path = root.entry(STAGING_NAME);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
  return PinnedDirectory.openNoFollow(path);
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
