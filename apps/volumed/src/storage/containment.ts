import type { PinnedDirectory } from './pinned-directory.js';
import { ForbiddenEntryError } from './storage.errors.js';
import { STAGING_NAME } from './volume-path.js';

/**
 * Judges where a path has led; both `path` and the volume's are free of links.
 * @throws ForbiddenEntryError unless it is in the volume and not in its staging directory
 */
export function assertInVolume(root: PinnedDirectory, path: string): void {
  const volume = root.realPath();
  if (!isInside(volume, path)) {
    throw new ForbiddenEntryError('the path leads out of the volume');
  }
  if (isInside(`${volume.replace(/\/$/, '')}/${STAGING_NAME}`, path)) {
    throw new ForbiddenEntryError(`${STAGING_NAME} is reserved`);
  }
}

/** True when `path` is `folder` or below it. */
function isInside(folder: string, path: string): boolean {
  return (
    path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
  );
}
