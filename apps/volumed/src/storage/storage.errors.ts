/**
 * What went wrong in a volume's directory. The message names paths inside the
 * volume only, never of the machine, so that it may be shown to a client; the
 * error of the operating system, if any, is the `cause`.
 */
export abstract class StorageError extends Error {
  /** Stable, for programs; the message is for people. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The path is not one that a volume can hold, whatever is stored there. */
export class InvalidPathError extends StorageError {
  readonly code = 'invalid-path';
}

/** Nothing is stored under the path. */
export class EntryNotFoundError extends StorageError {
  readonly code = 'not-found';
}

/** The path leads out of the volume, or to a link, a device, a pipe or a socket. */
export class ForbiddenEntryError extends StorageError {
  readonly code = 'forbidden-entry';
}

/** What is stored there is of the wrong kind: a directory for a file, or the reverse. */
export class EntryConflictError extends StorageError {
  readonly code = 'conflict';
}

/** The upload holds more bytes than the volume accepts for one file. */
export class UploadTooLargeError extends StorageError {
  readonly code = 'too-large';

  constructor(readonly maxBytes: number) {
    super(`the file is larger than the limit of ${maxBytes} bytes`);
  }
}

/** The sender went away before the last byte; nothing was stored. */
export class UploadAbortedError extends StorageError {
  readonly code = 'upload-aborted';
}

/** The disk or the quota is full; nothing was stored. */
export class StorageFullError extends StorageError {
  readonly code = 'storage-full';
}

/** The process has no file descriptor left; the same request may succeed later. */
export class StorageBusyError extends StorageError {
  readonly code = 'storage-busy';
}

/** The volume's directory was closed before the operation began. */
export class VolumeDirectoryClosedError extends StorageError {
  readonly code = 'volume-closed';

  constructor() {
    super('the directory of the volume is closed');
  }
}

/** `VolumeDirectory.open` could not open or prepare the directory. For operators: names its path. */
export class VolumeDirectoryUnusableError extends StorageError {
  readonly code = 'volume-unusable';
}

/** Another process of this machine holds the directory. For operators: names its path. */
export class VolumeDirectoryLockedError extends StorageError {
  readonly code = 'volume-locked';

  constructor(readonly path: string) {
    super(
      `the directory ${path} is held by another process: expected it to be free; ` +
        `find the holder with "fuser -v ${path}" and stop it, or let it unserve the volume`,
    );
  }
}

/** The `code` of a Node system error, such as ENOENT; undefined for any other value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The StorageError for what the operating system said about `path` (a path
 * inside the volume). Errors it has no word for are returned as they are.
 */
export function storageErrorFrom(error: unknown, path: string): unknown {
  const cause = { cause: error };
  switch (errnoOf(error)) {
    case 'ENOENT':
      return new EntryNotFoundError(`nothing is stored under ${path}`, cause);
    case 'ENOTDIR':
      return new EntryConflictError(`a parent of ${path} is a file`, cause);
    case 'EISDIR':
      return new EntryConflictError(`${path} is a directory`, cause);
    case 'ENOTEMPTY':
    case 'EEXIST':
      return new EntryConflictError(
        `the directory ${path} is not empty`,
        cause,
      );
    case 'ELOOP':
    case 'ENXIO':
      return new ForbiddenEntryError(`${path} is not a regular file`, cause);
    case 'ENAMETOOLONG':
      return new InvalidPathError(`a name in the path is too long`, cause);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new StorageFullError(`the volume has no room left`, cause);
    case 'EMFILE':
    case 'ENFILE':
      return new StorageBusyError(`too many files are open`, cause);
    default:
      return error;
  }
}
