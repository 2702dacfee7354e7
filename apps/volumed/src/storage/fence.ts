import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { PinnedDirectory } from './pinned-directory.js';
import { FENCE_NAME, STAGING_NAME } from './reserved-names.js';
import { VolumeFencedError } from './storage.errors.js';
import { errnoOf } from './system-errors.js';

/**
 * So often the files of a former holder are removed: in each round, requests that
 * it still has may put new ones in their place.
 */
const REMOVAL_ROUNDS = 1_000;

/**
 * Keeps former holders of a volume from changing it, though they believe that it is
 * theirs. Each holder has a token, and a later one has a greater token.
 *
 * The directory of a token, `.volumed-fence/<token>`, is both the token on disk and
 * the place that each change of its holder goes through: an upload is renamed out of
 * it, and a file that is removed is renamed into it. A newer holder makes its own
 * directory, and removes all older ones before it serves. Such a rename fails
 * then, whenever the older holder began: file systems order renames and removals, so
 * no lock is needed, and none that a process keeps while it stands still. Without
 * leases there is no token, and the place is `.volumed-staging`.
 *
 * Each holder first makes its directory and then looks for a newer one; a newer one
 * first makes its own and then removes those that it sees. So of two at the same
 * time at least the older one notices.
 */
export class Fence {
  constructor(
    private readonly root: PinnedDirectory,
    /** Undefined without leases. */
    readonly token: bigint | undefined,
  ) {}

  /**
   * The directory that changes go through, made if need be; with a token durable.
   * @throws VolumeFencedError when a newer holder was there
   */
  async enter(): Promise<PinnedDirectory> {
    const { token, root } = this;
    if (token === undefined) {
      const staging = await openOrMake(root, STAGING_NAME);
      return this.checked(staging, root, STAGING_NAME);
    }
    const fence = await openOrMake(root, FENCE_NAME);
    try {
      const own = await this.openOwn(fence, `${token}`);
      // Also where they were there: who made them may have died before this.
      await fence.sync();
      await root.sync();
      return await this.checked(own, fence, `${token}`);
    } finally {
      await fence.close();
    }
  }

  /** @throws VolumeFencedError when a newer holder was there */
  async assertNewest(): Promise<void> {
    const found = await this.newest();
    if (found === undefined || found === this.token) return;
    if (this.token === undefined || found > this.token) {
      throw new VolumeFencedError(found, this.token);
    }
  }

  /** From when this resolves no older holder, and none without a token, changes anything. */
  async shutOutOthers(): Promise<void> {
    const { token, root } = this;
    if (token === undefined) return;
    for (const older of await this.tokens()) {
      if (older < token) await remove(root.entry(`${FENCE_NAME}/${older}`));
    }
    await remove(root.entry(STAGING_NAME));
  }

  private async openOwn(
    fence: PinnedDirectory,
    name: string,
  ): Promise<PinnedDirectory> {
    try {
      return await openOrMake(fence, name);
    } catch (error) {
      // A newer holder may have removed it at once.
      await this.assertNewest();
      throw error;
    }
  }

  private async checked(
    directory: PinnedDirectory,
    parent: PinnedDirectory,
    name: string,
  ): Promise<PinnedDirectory> {
    try {
      await this.assertNewest();
      return directory;
    } catch (error) {
      await directory.close();
      // Not the files of somebody else.
      await rmdir(parent.entry(name)).catch(() => {});
      throw error;
    }
  }

  private async newest(): Promise<bigint | undefined> {
    let newest: bigint | undefined;
    for (const token of await this.tokens()) {
      if (newest === undefined || token > newest) newest = token;
    }
    return newest;
  }

  private async tokens(): Promise<readonly bigint[]> {
    try {
      const names = await readdir(this.root.entry(FENCE_NAME));
      return names.filter((name) => /^\d+$/.test(name)).map(BigInt);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

async function openOrMake(
  parent: PinnedDirectory,
  name: string,
): Promise<PinnedDirectory> {
  const path = parent.entry(name);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  return PinnedDirectory.openNoFollow(path);
}

async function remove(path: string): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      const isFilledAgain = ['ENOTEMPTY', 'EEXIST'].includes(
        errnoOf(error) ?? '',
      );
      if (!isFilledAgain || round === REMOVAL_ROUNDS) throw error;
    }
  }
}
