import { dirname, resolve, sep } from 'node:path';
import { followLinks } from './follow-links.js';

/**
 * The folders from which files may be included, and those whose files messages
 * may quote. All symbolic links are followed.
 */
export class AllowedFolders {
  private constructor(
    private readonly home: string,
    private readonly given: readonly string[] | undefined,
  ) {}

  /**
   * The folders for a main file. If some are given, files may be included from
   * them alone.
   */
  static async of(
    mainFile: string,
    given: readonly string[] | undefined,
  ): Promise<AllowedFolders> {
    const home = await followLinks(dirname(resolve(mainFile)));
    const roots = given?.map((root) => followLinks(resolve(root)));
    return new AllowedFolders(home, roots && (await Promise.all(roots)));
  }

  /**
   * Makes the check of what one file includes. It returns why a file must not
   * be included, or undefined.
   */
  async guard(includer: string): Promise<(real: string) => string | undefined> {
    const roots = this.given ?? [this.home, await folderAbove(includer)];
    return (real) =>
      roots.some((root) => isInside(root, real))
        ? undefined
        : `it is outside ${[...new Set(roots)].join(' and ') || 'all folders'}; name its folder in the option \`includeRoots\` to allow it`;
  }

  /**
   * Whether messages may quote from a file. What is in other folders may be no
   * configuration but a secret.
   */
  mayQuote(real: string): boolean {
    const roots = [this.home, ...(this.given ?? [])];
    return roots.some((root) => isInside(root, real));
  }
}

/**
 * The folder above that of a file, so that `../other/file.conf` works; its own
 * folder if the one above is the root.
 */
async function folderAbove(file: string): Promise<string> {
  const own = await followLinks(dirname(file));
  const above = dirname(own);
  return above === dirname(above) ? own : above;
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}
