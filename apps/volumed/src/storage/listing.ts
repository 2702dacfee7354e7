import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import type { PinnedDirectory } from './pinned-directory.js';
import { reservedNames } from './reserved-names.js';
import { errnoOf } from './system-errors.js';

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
  /** True when names follow the last one, of which there is one then: ask again with `after` set to it. */
  readonly truncated: boolean;
}

/** Which page: names greater than `after`, at most `limit` of them. */
export interface ListingPage {
  readonly after?: string;
  readonly limit: number;
}

const STATS_AT_ONCE = 16;

/**
 * Reads one page of an open directory. Names that are no UTF-8, which no URL
 * could name, and names that vanish meanwhile are left out; later ones fill the
 * page.
 */
export async function listDirectory(
  directory: PinnedDirectory,
  page: ListingPage,
  options: { isRoot: boolean },
): Promise<DirectoryListing> {
  const after = page.after ?? '';
  const names = (await namesIn(directory))
    .filter((name) => name > after)
    .filter((name) => !(options.isRoot && reservedNames.has(name)))
    .sort();
  const entries: ListedEntry[] = [];
  let looked = 0;
  while (entries.length < page.limit && looked < names.length) {
    const lacking = Math.min(page.limit - entries.length, STATS_AT_ONCE);
    const batch = names.slice(looked, looked + lacking);
    looked += batch.length;
    const listed = await Promise.all(
      batch.map((name) => listEntry(directory, name)),
    );
    entries.push(...listed.filter((entry) => entry !== undefined));
  }
  return { entries, truncated: looked < names.length };
}

async function namesIn(directory: PinnedDirectory): Promise<string[]> {
  const path = directory.entry('.');
  // As text, what is no UTF-8 would have become another name, which nobody has.
  const names = await readdir(path, { encoding: 'buffer' });
  return names.filter((name) => isUtf8(name)).map((name) => name.toString());
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
