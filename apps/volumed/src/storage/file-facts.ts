import type { BigIntStats } from 'node:fs';

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

let lastStamp = 0;

/**
 * The time now in seconds since 1970, and later than every earlier answer.
 * The kernel stamps files by the tick (1 to 10 ms) and reuses inodes at once:
 * two versions written within a tick could share both, and so their tag. A
 * stamp of our own tells them apart.
 */
export function nextModificationTime(): number {
  const now = (performance.timeOrigin + performance.now()) / 1000;
  // 1 µs: more than the spacing of doubles at this size (0.24 µs).
  lastStamp = Math.max(now, lastStamp + 1e-6);
  return lastStamp;
}
