import { mkdir } from 'node:fs/promises';
import { assertInVolume } from './containment.js';
import { PinnedDirectory } from './pinned-directory.js';
import { errnoOf } from './system-errors.js';

const REMEMBERED_DIRECTORIES = 10_000;

/**
 * Opens directories below a root, and makes missing ones so that they survive
 * a power failure.
 *
 * A file is only as durable as the names above it. The directory that is found
 * may have been made a moment ago, by another request or by a process that was
 * killed, and not have been synced yet. So each directory's name is synced once
 * by this process before anything in it counts as stored.
 */
export class ParentDirectories {
  private readonly durable = new Set<string>();
  private readonly removing = new Set<string>();

  constructor(private readonly root: PinnedDirectory) {}

  /**
   * Opens an existing directory.
   * @throws ForbiddenEntryError when a link leads out of the root, or into a directory of volumed's own
   */
  async open(segments: readonly string[]): Promise<PinnedDirectory> {
    const path = this.root.entry(segments.join('/') || '.');
    return this.checked(await PinnedDirectory.open(path));
  }

  /**
   * The place of a name in an open directory, free of links, whether something is
   * there or not. The same for every path that leads there.
   * @throws ForbiddenEntryError for a directory of volumed's own
   */
  placeOf(parent: PinnedDirectory, name: string): string {
    const place = `${parent.realPath()}/${name}`;
    assertInVolume(this.root, place);
    return place;
  }

  /** Opens an existing directory for as long as `use` takes. */
  async use<T>(
    segments: readonly string[],
    use: (directory: PinnedDirectory) => Promise<T>,
  ): Promise<T> {
    const directory = await this.open(segments);
    try {
      return await use(directory);
    } finally {
      await directory.close();
    }
  }

  /** Opens a directory, making what is missing of it. */
  async openOrMake(segments: readonly string[]): Promise<PinnedDirectory> {
    if (this.durable.has(segments.join('/'))) {
      try {
        return await this.open(segments);
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
    }
    let directory = await this.open([]);
    for (let depth = 1; depth <= segments.length; depth += 1) {
      const parent = directory;
      try {
        directory = await this.descend(parent, segments.slice(0, depth));
      } finally {
        await parent.close();
      }
    }
    return directory;
  }

  /**
   * Removes a directory by `remove`. From before to after it the name does not
   * count as durable: the next directory of that name is a new one.
   */
  async remove(
    segments: readonly string[],
    remove: () => Promise<void>,
  ): Promise<void> {
    const key = segments.join('/');
    this.durable.delete(key);
    this.removing.add(key);
    try {
      await remove();
    } finally {
      this.removing.delete(key);
    }
  }

  private async descend(
    parent: PinnedDirectory,
    segments: readonly string[],
  ): Promise<PinnedDirectory> {
    const key = segments.join('/');
    const path = parent.entry(segments.at(-1) ?? '.');
    if (await makeDirectory(path)) this.durable.delete(key);
    const directory = this.checked(await PinnedDirectory.open(path));
    try {
      if (!this.durable.has(key)) await this.makeDurable(parent, key);
    } catch (error) {
      await directory.close();
      throw error;
    }
    return directory;
  }

  private async makeDurable(
    parent: PinnedDirectory,
    key: string,
  ): Promise<void> {
    await parent.sync();
    if (this.removing.has(key)) return;
    if (this.durable.size >= REMEMBERED_DIRECTORIES) this.durable.clear();
    this.durable.add(key);
  }

  private checked(directory: PinnedDirectory): PinnedDirectory {
    try {
      assertInVolume(this.root, directory.realPath());
      return directory;
    } catch (error) {
      void directory.close();
      throw error;
    }
  }
}

/** True when it was made, false when something was there. */
async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o777 });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}
