import { constants } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';

/** What tells one state of a file from another. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

/** A file that is open, and the state it was in when it was opened. */
export interface OpenFile {
  readonly kind: 'open';
  /** The path with all symbolic links followed. */
  readonly real: string;
  readonly stamp: FileStamp;
  readonly handle: FileHandle;
}

/** What came of opening a file: it was refused for good, or it changed meanwhile. */
export type FileResult =
  | OpenFile
  | {
      readonly kind: 'refused';
      readonly message: string;
      readonly cause?: unknown;
    }
  | { readonly kind: 'changed' };

/** What a file must keep to be read. */
export interface FileRules {
  readonly maxBytes: number;
  /** Why a file that is really there must not be read; undefined when it may. */
  readonly refuse: (real: string) => string | undefined;
}

const CHANGED: FileResult = Object.freeze({ kind: 'changed' });
const FLAGS =
  constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
  ELOOP: 'its symbolic links go in a circle',
  ENOTDIR: 'a part of its path is no folder',
  ENAMETOOLONG: 'its path is too long',
  EMFILE: 'this process has too many open files',
};

/**
 * Opens a regular file that is no larger than allowed. Anything else (a folder, a FIFO, a device) is refused before
 * and again after it is opened, so that a swapped link cannot smuggle one in.
 */
export async function openConfFile(
  path: string,
  rules: FileRules,
): Promise<FileResult> {
  try {
    const real = await realpath(path);
    const message =
      rules.refuse(real) ?? odd(await stat(real, { bigint: true }), rules);
    if (message !== undefined) return { kind: 'refused', message };
    const handle = await open(real, FLAGS);
    let result: FileResult | undefined;
    try {
      result = await checkOpen(handle, path, real, rules);
    } finally {
      if (result?.kind !== 'open') await handle.close();
    }
    return result;
  } catch (cause) {
    return { kind: 'refused', message: reasonOf(cause), cause };
  }
}

/** Why a file cannot be read, in words, of what the system said. */
export function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return `${REASONS[code] ?? 'it cannot be read'} (${code})`;
}

/** The present state of a file; undefined when it cannot be told. */
export async function stampOf(path: string): Promise<FileStamp | undefined> {
  try {
    return toStamp(await stat(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

/** The path with all symbolic links followed, or the path itself where that is impossible. */
export async function followLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Whether two stamps tell the same state. */
export function sameStamp(
  one: FileStamp | undefined,
  other: FileStamp | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.device === other.device &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.modified === other.modified &&
    one.changed === other.changed
  );
}

async function checkOpen(
  handle: FileHandle,
  path: string,
  real: string,
  rules: FileRules,
): Promise<FileResult> {
  const stats = await handle.stat({ bigint: true });
  const message = odd(stats, rules);
  if (message !== undefined) return { kind: 'refused', message };
  const stamp = toStamp(stats);
  const same = sameStamp(await stampOf(real), stamp);
  return same && (await realpath(path)) === real
    ? { kind: 'open', real, stamp, handle }
    : CHANGED;
}

function odd(stats: BigIntStats, { maxBytes }: FileRules): string | undefined {
  if (!stats.isFile()) return `expected a regular file, got ${kindOf(stats)}`;
  if (stats.size <= maxBytes) return undefined;
  return `it has ${stats.size} bytes, where the limit \`bytes\` leaves ${maxBytes}`;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function toStamp(stats: BigIntStats): FileStamp {
  return {
    device: stats.dev,
    inode: stats.ino,
    size: stats.size,
    modified: stats.mtimeNs,
    changed: stats.ctimeNs,
  };
}
