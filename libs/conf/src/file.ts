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

/** The bytes of a file, and the state it was in when they were read. */
export interface FileContent {
  readonly kind: 'content';
  /** The path with all symbolic links followed. */
  readonly real: string;
  readonly bytes: Buffer;
  readonly stamp: FileStamp;
}

/** What came of reading a file: it was refused for good, or it changed meanwhile. */
export type FileResult =
  | FileContent
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
  readonly signal?: AbortSignal | undefined;
}

const CHANGED: FileResult = Object.freeze({ kind: 'changed' });
const FLAGS =
  constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const PIECE = 16 * 1024 * 1024;

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
 * Reads a regular file, never more of it than allowed. Anything else (a folder, a FIFO, a device) is refused before
 * and again after it is opened, so that a swapped link cannot smuggle one in.
 */
export async function readConfFile(
  path: string,
  rules: FileRules,
): Promise<FileResult> {
  try {
    const real = await realpath(path);
    const message =
      rules.refuse(real) ?? odd(await stat(real, { bigint: true }), rules);
    if (message !== undefined) return { kind: 'refused', message };
    const handle = await open(real, FLAGS);
    try {
      return await readOpen(handle, path, real, rules);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    rules.signal?.throwIfAborted();
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    return {
      kind: 'refused',
      message: `${REASONS[code] ?? 'it cannot be read'} (${code})`,
      cause,
    };
  }
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

async function readOpen(
  handle: FileHandle,
  path: string,
  real: string,
  rules: FileRules,
): Promise<FileResult> {
  const before = await handle.stat({ bigint: true });
  const message = odd(before, rules);
  if (message !== undefined) return { kind: 'refused', message };
  const stamp = toStamp(before);
  const same = sameStamp(await stampOf(real), stamp);
  if (!same || (await realpath(path)) !== real) return CHANGED;
  const bytes = await readBytes(handle, Number(before.size), rules.signal);
  return bytes.length === Number(before.size)
    ? { kind: 'content', real, bytes, stamp }
    : CHANGED;
}

/** Reads a file, and one byte more if it has grown. */
async function readBytes(
  handle: FileHandle,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(size + 1);
  let length = 0;
  while (length < buffer.length) {
    signal?.throwIfAborted();
    const piece = Math.min(PIECE, buffer.length - length);
    const { bytesRead } = await handle.read(buffer, length, piece, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
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
