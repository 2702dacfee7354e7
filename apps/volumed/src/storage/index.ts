export type { FileFacts } from './file-facts.js';
export type { DirectoryListing, ListedEntry, ListingPage } from './listing.js';
export { lastModifiedOf } from './modification-time.js';
export { type FoundDirectory, OpenedFile } from './opened-entry.js';
export { FENCE_NAME, STAGING_NAME } from './reserved-names.js';
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
  VolumeDirectoryOutdatedError,
  VolumeDirectoryUnusableError,
  VolumeFencedError,
} from './storage.errors.js';
export { errnoOf } from './system-errors.js';
export type {
  ChangeOptions,
  PreconditionCheck,
  PutResult,
} from './volume-changes.js';
export { VolumeDirectory } from './volume-directory.js';
export { VolumePath } from './volume-path.js';
