import {
  AccessDeniedError,
  EntryConflictError,
  EntryNotFoundError,
  ForbiddenEntryError,
  InvalidPathError,
  OtherFileSystemError,
  StorageBusyError,
  type StorageError,
  StorageFailedError,
  StorageFullError,
} from './storage.errors.js';

type Translation = (path: string, options: ErrorOptions) => StorageError;

const notEmpty: Translation = (path, options) =>
  new EntryConflictError(`the directory ${path} is not empty`, options);
const notRegular: Translation = (path, options) =>
  new ForbiddenEntryError(`${path} is not a regular file`, options);
const inUse: Translation = (path, options) =>
  new EntryConflictError(`${path} is in use`, options);
const noRoom: Translation = (_path, options) =>
  new StorageFullError('the volume has no room left', options);
const noMeans: Translation = (_path, options) =>
  new StorageBusyError('the server has too much to do', options);
const denied: Translation = (path, options) =>
  new AccessDeniedError(`the server may not do that to ${path}`, options);

const translations: Readonly<Record<string, Translation>> = {
  ENOENT: (path, options) =>
    new EntryNotFoundError(`nothing is stored under ${path}`, options),
  ENOTDIR: (path, options) =>
    new EntryConflictError(`a parent of ${path} is a file`, options),
  EISDIR: (path, options) =>
    new EntryConflictError(`${path} is a directory`, options),
  ENOTEMPTY: notEmpty,
  EEXIST: notEmpty,
  EBUSY: inUse,
  ETXTBSY: inUse,
  ELOOP: notRegular,
  ENXIO: notRegular,
  ENAMETOOLONG: (_path, options) =>
    new InvalidPathError('a name in the path is too long', options),
  EILSEQ: (_path, options) =>
    new InvalidPathError('the volume takes no such names', options),
  ENOSPC: noRoom,
  EDQUOT: noRoom,
  EFBIG: noRoom,
  EMLINK: noRoom,
  EMFILE: noMeans,
  ENFILE: noMeans,
  ENOMEM: noMeans,
  EAGAIN: noMeans,
  EACCES: denied,
  EPERM: denied,
  EROFS: (_path, options) =>
    new AccessDeniedError('the volume is read-only', options),
  EXDEV: (path, options) =>
    new OtherFileSystemError(
      `${path} is on another file system than the volume`,
      options,
    ),
};

/** The `code` of a Node system error, such as ENOENT; undefined for any other value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The StorageError for what the operating system said about `path` (a path
 * inside the volume). What it did not say is returned as it is.
 */
export function storageErrorFrom(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const translate = translations[errnoOf(error) ?? ''];
  return (
    translate?.(path, { cause: error }) ??
    new StorageFailedError('the storage failed', { cause: error })
  );
}
