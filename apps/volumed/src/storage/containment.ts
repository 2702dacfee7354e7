import type { PinnedDirectory } from './pinned-directory.js';
import { reservedNames } from './reserved-names.js';
import { ForbiddenEntryError } from './storage.errors.js';

/**
 * Judges where a path has led; both `path` and the volume's are free of links.
 * @throws ForbiddenEntryError unless it is in the volume and not in a directory of volumed's own
 */
export function assertInVolume(root: PinnedDirectory, path: string): void {
  const volume = root.realPath();
  if (!isInside(volume, path)) {
    throw new ForbiddenEntryError('the path leads out of the volume');
  }
  for (const name of reservedNames) {
    if (isInside(`${volume.replace(/\/$/, '')}/${name}`, path)) {
      throw new ForbiddenEntryError(`${name} is reserved`);
    }
  }
}

/** True when `path` is `folder` or below it. */
function isInside(folder: string, path: string): boolean {
  return (
    path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
  );
}
