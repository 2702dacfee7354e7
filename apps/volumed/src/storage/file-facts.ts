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
