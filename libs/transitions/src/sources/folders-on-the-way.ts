import { lstat, readlink } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';

// More links than this in a row are a circle.
const longestChain = 40;

/**
 * The folders in which a path, and each symbolic link it leads through, has its
 * entry. In a Kubernetes ConfigMap it is the link `..data` that is swapped, two
 * links away from the file's own.
 */
export async function foldersOnTheWayTo(file: string): Promise<string[]> {
  let path = resolve(file);
  const folders = [dirname(path)];
  for (let links = 0; links < longestChain; links++) {
    const link = await firstLinkOf(path);
    folders.push(dirname(link?.path ?? path));
    if (link === undefined) break;
    path = resolve(dirname(link.path), link.target, ...link.rest);
  }
  return [...new Set(folders)];
}

async function firstLinkOf(path: string) {
  const parts = path.split(sep);
  for (let end = 2; end <= parts.length; end++) {
    const prefix = parts.slice(0, end).join(sep);
    const target = await targetOf(prefix);
    if (target === 'missing') return undefined;
    if (target === undefined) continue;
    return { path: prefix, target, rest: parts.slice(end) };
  }
  return undefined;
}

/** Where a symbolic link leads; undefined for what is none. */
async function targetOf(path: string): Promise<string | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isSymbolicLink() ? await readlink(path) : undefined;
  } catch {
    return 'missing';
  }
}
