import { constants, readlinkSync } from 'node:fs';
import { access, type FileHandle, open, stat } from 'node:fs/promises';

const READ_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/**
 * A directory held open. Paths made by `entry` are resolved by the kernel from
 * the open directory, not from a name (Linux: `/proc/self/fd/<n>/<name>` is
 * what `openat` is in C), so nobody can swap the directory for another between
 * a check and its use.
 *
 * The descriptor must stay open while such a path is in use: a closed number
 * is given to the next file that is opened.
 */
export class PinnedDirectory {
  private constructor(private readonly handle: FileHandle) {}

  /** Opens the directory at `path`, following links, without judging where they lead. */
  static async open(path: string): Promise<PinnedDirectory> {
    return new PinnedDirectory(await open(path, READ_DIRECTORY));
  }

  /** Opens the directory at `path`; a link in its place is refused with ENOTDIR or ELOOP. */
  static async openNoFollow(path: string): Promise<PinnedDirectory> {
    const flags = READ_DIRECTORY | constants.O_NOFOLLOW;
    return new PinnedDirectory(await open(path, flags));
  }

  /** The descriptor; valid until `close`. */
  get fd(): number {
    return this.handle.fd;
  }

  /** A path to `relative` below this directory, valid until `close`. */
  entry(relative: string): string {
    return `/proc/self/fd/${this.handle.fd}/${relative}`;
  }

  /** Where the directory is now, free of links. */
  realPath(): string {
    return realPathOf(this.handle.fd);
  }

  /**
   * Whether the directory at `path` is this one, and this process may read and
   * write there. @throws what the operating system says otherwise
   */
  async isStillAt(path: string): Promise<boolean> {
    const { R_OK, W_OK, X_OK } = constants;
    const [named, held] = await Promise.all([
      stat(path, { bigint: true }),
      this.handle.stat({ bigint: true }),
      access(path, R_OK | W_OK | X_OK),
    ]);
    return named.dev === held.dev && named.ino === held.ino;
  }

  /** Makes what was created, renamed or removed in this directory survive a power failure. */
  async sync(): Promise<void> {
    await this.handle.sync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/**
 * Where the file behind an open descriptor is now, free of links. The kernel
 * answers from memory, in about 2 µs, which is why this is not asynchronous.
 */
export function realPathOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}
