import {
  close,
  constants,
  createReadStream,
  fstatSync,
  open,
  read,
  type ReadStream,
} from 'node:fs';
import { assertInVolume } from './containment.js';
import { type FileFacts, fileFactsOf } from './file-facts.js';
import { type PinnedDirectory, realPathOf } from './pinned-directory.js';
import { ForbiddenEntryError } from './storage.errors.js';
import { storageErrorFrom } from './system-errors.js';

/** A regular file, open for reading; `close` it in every case. */
export class OpenedFile {
  readonly kind = 'file';
  private owned = true;

  constructor(
    private readonly fd: number,
    readonly facts: FileFacts,
  ) {}

  /** Reads `length` bytes from `start`; fewer when the file ends before. @throws StorageError */
  async read(start: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const got = await readOnce(this.fd, buffer, filled, start + filled);
      if (got === 0) break;
      filled += got;
    }
    return buffer.subarray(0, filled);
  }

  /** Reads from `start` to `end` inclusive; the stream closes the file when it ends or is destroyed. */
  stream(start: number, end: number): ReadStream {
    this.owned = false;
    const highWaterMark = STREAM_CHUNK_BYTES;
    return createReadStream('', { fd: this.fd, start, end, highWaterMark });
  }

  /** Closes the file, unless a stream does. */
  close(): void {
    if (this.owned) closeDescriptor(this.fd);
    this.owned = false;
  }
}

/** A directory was found; nothing is left open. */
export interface FoundDirectory {
  readonly kind: 'directory';
}

const STREAM_CHUNK_BYTES = 256 * 1024;

const READ_NO_FOLLOW =
  constants.O_RDONLY |
  constants.O_NOFOLLOW |
  // A pipe without a writer would hold the open for ever.
  constants.O_NONBLOCK |
  constants.O_NOCTTY;

/**
 * Opens what is stored under `relative`, and only then judges it: by the open
 * descriptor, which nobody can swap. It must lie inside the root, whatever links
 * led there, and be a regular file or a directory.
 *
 * @throws ForbiddenEntryError, or the error of open(2)
 */
export async function openEntry(
  root: PinnedDirectory,
  relative: string,
): Promise<OpenedFile | FoundDirectory> {
  const fd = await openDescriptor(root.entry(relative));
  try {
    const opened = judge(root, fd, relative);
    if (opened.kind !== 'file') closeDescriptor(fd);
    return opened;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

function judge(
  root: PinnedDirectory,
  fd: number,
  relative: string,
): OpenedFile | FoundDirectory {
  assertInVolume(root, realPathOf(fd));
  // The inode of an open file is in memory: a thread would take ten times longer.
  const stats = fstatSync(fd, { bigint: true });
  if (stats.isDirectory()) return { kind: 'directory' };
  if (!stats.isFile()) {
    throw new ForbiddenEntryError(`${relative} is not a regular file`);
  }
  return new OpenedFile(fd, fileFactsOf(stats));
}

function openDescriptor(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, READ_NO_FOLLOW, (error, fd) =>
      error ? reject(error) : resolve(fd),
    );
  });
}

function readOnce(
  fd: number,
  buffer: Buffer,
  offset: number,
  position: number,
): Promise<number> {
  const length = buffer.byteLength - offset;
  return new Promise((resolve, reject) => {
    read(fd, buffer, offset, length, position, (error, got) =>
      error ? reject(storageErrorFrom(error, 'the file')) : resolve(got),
    );
  });
}

/** Nobody waits for it, and a failed close of a file that was only read loses nothing. */
function closeDescriptor(fd: number): void {
  close(fd, () => {});
}
