/** What limits requests to volumes. */
export interface VolumesHttpOptions {
  /** Bytes of the largest file that PUT accepts, else 413. Default 1 GiB. */
  readonly maxFileBytes: number;
  /** Requests in flight per volume, else 503. Default 256. */
  readonly maxRequestsPerVolume: number;
  /** Entries in one page of a directory listing. Default 1,000. */
  readonly maxListedEntries: number;
  /** Seconds in the Retry-After of a 503 for too many requests. Default 1. */
  readonly busyRetryAfterSeconds: number;
}

/** The default of every option. */
export const defaultVolumesHttpOptions: VolumesHttpOptions = {
  maxFileBytes: 2 ** 30,
  maxRequestsPerVolume: 256,
  maxListedEntries: 1_000,
  busyRetryAfterSeconds: 1,
};

/** Injects the `VolumesHttpOptions`. */
export const VOLUMES_HTTP_OPTIONS = Symbol('VOLUMES_HTTP_OPTIONS');
