import { realpath } from 'node:fs/promises';

/**
 * The path with all symbolic links followed, or the path itself where that is
 * impossible.
 */
export async function followLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
