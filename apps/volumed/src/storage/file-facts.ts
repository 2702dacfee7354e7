import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { PinnedDirectory } from './pinned-directory.js';
import { EntryConflictError, ForbiddenEntryError } from './storage.errors.js';
import { errnoOf } from './system-errors.js';

/** What HTTP needs to know of one stored version of a file. */
export interface FileFacts {
  readonly size: number;
  /** Milliseconds since 1970, with fractions dropped. */
  readonly modifiedAt: number;
  /**
   * Strong: another version has another tag. From inode, time and size, so a
   * peer that takes the volume over on the same disk gives the same one.
   */
  readonly etag: string;
}

/** Reads the facts from `stat(…, { bigint: true })`. */
export function fileFactsOf(stats: BigIntStats): FileFacts {
  const { ino, mtimeNs, size } = stats;
  return {
    size: Number(size),
    modifiedAt: Number(mtimeNs / 1_000_000n),
    etag: `"${ino.toString(36)}-${mtimeNs.toString(36)}-${size.toString(36)}"`,
  };
}

/**
 * Facts of the file `name`; undefined when there is none.
 * @throws EntryConflictError for a directory, ForbiddenEntryError for what is no file
 */
export async function factsIn(
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

/** @throws ForbiddenEntryError for links, devices, pipes and sockets */
export function assertRegular(
  stats: { isFile(): boolean },
  name: string,
): void {
  if (!stats.isFile()) {
    throw new ForbiddenEntryError(`${name} is not a regular file`);
  }
}

/** To catch with, where nothing stored is an answer as well. */
export function missingAsUndefined(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
  return undefined;
}
