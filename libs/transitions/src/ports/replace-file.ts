import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a file durably, or makes it: what is at the path is the old content or
 * the new one, whole, even after a power failure. Only its owner can read and write
 * it. Whatever goes wrong, the old one stays. Not for two processes at once.
 */
export async function replaceFile(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const suffix = '.new';
  const temporary = join(folder, `.${basename(path)}.${process.pid}${suffix}`);
  await removeLeftovers(folder, `.${basename(path)}.`, suffix);
  try {
    // x: nobody's file or link is written through.
    const file = await open(temporary, 'wx', 0o600);
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  await syncFolder(folder);
}

/** Of processes that died while they wrote. */
async function removeLeftovers(
  folder: string,
  prefix: string,
  suffix: string,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    const pid = name.slice(prefix.length, -suffix.length);
    if (/^\d+$/.test(pid)) await rm(join(folder, name), { force: true });
  }
}

/** Without it, the new name may be lost with the power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
