import { constants, type BigIntStats } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { sameStamp, stampOf, toStamp, type FileStamp } from './file-stamp.js';

/** A file that is open, and its state when it was opened. */
export interface OpenFile {
  readonly kind: 'open';
  /** The path with all symbolic links followed. */
  readonly real: string;
  readonly stamp: FileStamp;
  readonly handle: FileHandle;
}

/** Why a file cannot be used. */
export interface FileRefusal {
  readonly kind: 'refused';
  readonly message: string;
  /** What the system said, where it said something. */
  readonly cause?: unknown;
}

/** What came of opening a file, which may have changed meanwhile. */
export type FileResult = OpenFile | FileRefusal | { readonly kind: 'changed' };

/** What a file must satisfy to be opened. */
export interface FileRules {
  readonly maxBytes: number;
  /** Why an existing file must not be read; undefined if it may be. */
  readonly refuse: (real: string) => string | undefined;
}

const hasChanged: FileResult = Object.freeze({ kind: 'changed' });
const flags =
  constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
  ELOOP: 'its symbolic links go in a circle',
  ENOTDIR: 'a part of its path is no folder',
  ENAMETOOLONG: 'its path is too long',
  EMFILE: 'this process has too many open files',
};

/**
 * Opens a regular file that is no larger than allowed. Anything else (a folder,
 * a FIFO, a device) is refused, before it is opened and again after that, so
 * that a link that is swapped meanwhile leads nowhere else.
 */
export async function openConfFile(
  path: string,
  rules: FileRules,
): Promise<FileResult> {
  try {
    const real = await realpath(path);
    const message =
      rules.refuse(real) ?? refusal(await stat(real, { bigint: true }), rules);
    if (message !== undefined) return { kind: 'refused', message };
    const handle = await open(real, flags);
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

/** Puts into words why a file cannot be read. */
export function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return `${reasons[code] ?? 'it cannot be read'} (${code})`;
}

async function checkOpen(
  handle: FileHandle,
  path: string,
  real: string,
  rules: FileRules,
): Promise<FileResult> {
  const stats = await handle.stat({ bigint: true });
  const message = refusal(stats, rules);
  if (message !== undefined) return { kind: 'refused', message };
  const stamp = toStamp(stats);
  const isSame = sameStamp(await stampOf(real), stamp);
  return isSame && (await realpath(path)) === real
    ? { kind: 'open', real, stamp, handle }
    : hasChanged;
}

function refusal(
  stats: BigIntStats,
  { maxBytes }: FileRules,
): string | undefined {
  if (!stats.isFile()) return `expected a regular file, got ${kindOf(stats)}`;
  if (stats.size <= maxBytes) return undefined;
  return `it has ${stats.size} bytes, where the option \`limits.bytes\` leaves ${maxBytes}`;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
