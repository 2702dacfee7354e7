import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import type { PinnedDirectory } from './pinned-directory.js';
import { errnoOf } from './storage.errors.js';
import { STAGING_NAME } from './volume-path.js';

/** One line of a directory listing. */
export interface ListedEntry {
  readonly name: string;
  /** `other` is a link, device, pipe or socket: listed, never served. */
  readonly type: 'file' | 'directory' | 'other';
  /** Bytes; 0 for all but files. */
  readonly size: number;
  /** ISO 8601, UTC. */
  readonly mtime: string;
}

/** A page of a directory, in the order of UTF-16 code units of the names. */
export interface DirectoryListing {
  readonly entries: readonly ListedEntry[];
  /** True when names follow the last one: ask again with `after` set to it. */
  readonly truncated: boolean;
}

/** Which page: names greater than `after`, at most `limit` of them. */
export interface ListingPage {
  readonly after?: string;
  readonly limit: number;
}

const STATS_AT_ONCE = 16;

/** Reads one page of an open directory. Names that vanish meanwhile are left out. */
export async function listDirectory(
  directory: PinnedDirectory,
  page: ListingPage,
  options: { isRoot: boolean },
): Promise<DirectoryListing> {
  const after = page.after ?? '';
  const names = (await readdir(directory.entry('.')))
    .filter((name) => name > after)
    .filter((name) => !(options.isRoot && name === STAGING_NAME))
    .sort();
  const wanted = names.slice(0, page.limit);
  const entries: ListedEntry[] = [];
  for (let i = 0; i < wanted.length; i += STATS_AT_ONCE) {
    const batch = wanted.slice(i, i + STATS_AT_ONCE);
    const listed = await Promise.all(
      batch.map((name) => listEntry(directory, name)),
    );
    entries.push(...listed.filter((entry) => entry !== undefined));
  }
  return { entries, truncated: names.length > wanted.length };
}

async function listEntry(
  directory: PinnedDirectory,
  name: string,
): Promise<ListedEntry | undefined> {
  try {
    const stats = await lstat(directory.entry(name));
    const type = typeOf(stats);
    const size = type === 'file' ? stats.size : 0;
    return { name, type, size, mtime: stats.mtime.toISOString() };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function typeOf(stats: Stats): ListedEntry['type'] {
  if (stats.isFile()) return 'file';
  return stats.isDirectory() ? 'directory' : 'other';
}
