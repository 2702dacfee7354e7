import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/**
 * Tells whether the content of files is as it was. A file whose inode, size and
 * times are as they were is not read again, unless it must be: the times of a
 * file system are coarse, and a change just after another may not show in them.
 */
export class FileDigests {
  private readonly known = new Map<string, { stamp: string; digest: string }>();

  /** One text for the content of all files. Never rejects: a file may be missing. */
  async of(
    files: readonly string[],
    { readAll = true }: { readonly readAll?: boolean } = {},
  ): Promise<string> {
    const digests: string[] = [];
    for (const file of files) {
      digests.push(`${file}\0${await this.ofFile(file, readAll)}`);
    }
    return digests.join('\0');
  }

  private async ofFile(file: string, mustRead: boolean): Promise<string> {
    const stamp = await stampOf(file);
    const known = this.known.get(file);
    if (!mustRead && known?.stamp === stamp) return known.digest;
    const digest = await contentDigest(file);
    this.known.set(file, { stamp, digest });
    return digest;
  }
}

async function stampOf(file: string): Promise<string> {
  const stats = await stat(file, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return 'missing';
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function contentDigest(file: string): Promise<string> {
  const content = await readFile(file).catch(() => undefined);
  return content === undefined
    ? 'unreadable'
    : createHash('sha256').update(content).digest('base64');
}
