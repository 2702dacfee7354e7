import type { ConfLimits } from '../problems/conf-limits.js';

/** Which files are read, and how much of them. */
export interface ConfFileOptions {
  /** Those that are not given have their defaults. */
  readonly limits?: Partial<ConfLimits>;
  /**
   * The folders in which included files must be, after all symbolic links are
   * followed. `['/']` allows all, `[]` none. Default: the folder of the main
   * file and, for each file, the folder above its own (but never the root of
   * the file system), so that `.include ../other/file.conf` works.
   */
  readonly includeRoots?: readonly string[];
}

/** How files are read. */
export interface LoadOptions extends ConfFileOptions {
  /** Stops reading; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}
