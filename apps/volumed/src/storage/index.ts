export type { FileFacts } from './file-facts.js';
export type { DirectoryListing, ListedEntry, ListingPage } from './listing.js';
export { lastModifiedOf } from './modification-time.js';
export { type FoundDirectory, OpenedFile } from './opened-entry.js';
export {
  EntryConflictError,
  EntryNotFoundError,
  ForbiddenEntryError,
  InvalidPathError,
  StorageError,
  StorageFailedError,
  StorageTroubleError,
  UploadAbortedError,
  UploadTooLargeError,
  VolumeBrokenError,
  VolumeDirectoryClosedError,
  VolumeDirectoryLockedError,
  VolumeDirectoryUnusableError,
} from './storage.errors.js';
export { errnoOf } from './system-errors.js';
export type {
  ChangeOptions,
  PreconditionCheck,
  PutResult,
} from './volume-changes.js';
export { VolumeDirectory } from './volume-directory.js';
export { STAGING_NAME, VolumePath } from './volume-path.js';
