import { dirname, resolve, sep } from 'node:path';
import { followLinks } from './file.js';

/** The folders that included files may be in, and those whose files messages may quote. All links are followed. */
export class Folders {
  readonly #home: string;
  readonly #given: readonly string[] | undefined;

  private constructor(home: string, given: readonly string[] | undefined) {
    this.#home = home;
    this.#given = given;
  }

  /** The folders for a main file; those given, if any, are the only ones that may be included from. */
  static async of(
    mainFile: string,
    given: readonly string[] | undefined,
  ): Promise<Folders> {
    const home = await followLinks(dirname(resolve(mainFile)));
    const roots = given?.map((root) => followLinks(resolve(root)));
    return new Folders(home, roots && (await Promise.all(roots)));
  }

  /** Makes the check for what one file includes: why a file must not be included, or undefined. */
  async guard(includer: string): Promise<(real: string) => string | undefined> {
    const roots = this.#given ?? [this.#home, await folderAbove(includer)];
    return (real) =>
      roots.some((root) => isInside(root, real))
        ? undefined
        : `it is outside ${[...new Set(roots)].join(' and ') || 'all folders'}; name its folder in \`includeRoots\` to allow it`;
  }

  /** Whether messages may quote from a file: what other folders hold may be no configuration but a secret. */
  mayQuote(real: string): boolean {
    const roots = [this.#home, ...(this.#given ?? [])];
    return roots.some((root) => isInside(root, real));
  }
}

/** The folder above that of a file, so that `../other/file.conf` works; its own one where all else is the root. */
async function folderAbove(file: string): Promise<string> {
  const own = await followLinks(dirname(file));
  const above = dirname(own);
  return above === dirname(above) ? own : above;
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}
