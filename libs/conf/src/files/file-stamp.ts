import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** What tells one state of a file from another. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  /** In nanoseconds. */
  readonly modified: bigint;
  /** In nanoseconds. */
  readonly changed: bigint;
}

/** The stamp of a file; undefined if it cannot be told. */
export async function stampOf(path: string): Promise<FileStamp | undefined> {
  try {
    return toStamp(await stat(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

export function toStamp(stats: BigIntStats): FileStamp {
  return {
    device: stats.dev,
    inode: stats.ino,
    size: stats.size,
    modified: stats.mtimeNs,
    changed: stats.ctimeNs,
  };
}

/** Whether two stamps are of the same state. */
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
