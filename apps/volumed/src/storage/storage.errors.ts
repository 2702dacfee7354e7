import { FENCE_NAME } from './reserved-names.js';

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

/** The machine is at fault, not the request: somebody should see to it. */
export abstract class StorageTroubleError extends StorageError {}

/** The disk or the quota is full; nothing was stored. */
export class StorageFullError extends StorageTroubleError {
  readonly code = 'storage-full';
}

/** The process has no memory or no file descriptor left; the same request may succeed later. */
export class StorageBusyError extends StorageTroubleError {
  readonly code = 'storage-busy';
}

/** The process may not read or write there, or nobody may: the file system is read-only. */
export class AccessDeniedError extends StorageTroubleError {
  readonly code = 'access-denied';
}

/** Another file system is mounted there, onto which no upload can be renamed. */
export class OtherFileSystemError extends StorageTroubleError {
  readonly code = 'other-file-system';
}

/** The disk, or what stands for it, failed. */
export class StorageFailedError extends StorageTroubleError {
  readonly code = 'storage-failed';
}

/**
 * The directory of the volume is gone, is another one, or cannot be read or written
 * any more: nothing can be said of what is stored there. `cause` says why.
 */
export class VolumeBrokenError extends StorageTroubleError {
  readonly code = 'volume-broken';

  constructor(options: ErrorOptions) {
    super('the directory of the volume cannot be used', options);
  }
}

/**
 * Another process serves the volume now, with a newer token: this one may not change it
 * any more. Nothing was changed.
 */
export class VolumeFencedError extends StorageTroubleError {
  readonly code = 'volume-fenced';

  constructor(
    /** The newest token, as the volume has it. */
    readonly found: bigint,
    /** The token of this process; undefined where it has none. */
    readonly own: bigint | undefined,
  ) {
    const ours = own === undefined ? 'no token' : `token ${own}`;
    super(
      `the volume is served with token ${found}: expected no newer one than that of this process, which has ${ours}`,
    );
  }
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

/** The directory was used with a newer token. For operators: names its path. */
export class VolumeDirectoryOutdatedError extends StorageError {
  readonly code = 'volume-outdated';

  constructor(path: string, options: { readonly cause: VolumeFencedError }) {
    const { found, own } = options.cause;
    const [ours, mend] =
      own === undefined
        ? ['none', 'start this peer with --etcd, as the others']
        : [
            `${own}`,
            'another peer has claimed the volume since, unless etcd has lost its data',
          ];
    super(
      `the directory ${path} was served with token ${found}, and this process has ${ours}: ${mend}; ` +
        `where nobody serves it with leases any more, remove ${path}/${FENCE_NAME}`,
      options,
    );
  }
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
