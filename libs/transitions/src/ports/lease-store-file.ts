import { readFile } from 'node:fs/promises';
import type { StoreMemory } from '../core/leases/lease-ports.js';
import { replaceFile } from './replace-file.js';

/** Remembers in a file, of one process, which lease store the tokens in use are of. */
export class LeaseStoreFile implements StoreMemory {
  constructor(private readonly path: string) {}

  /** @throws Error that says what to do, for a file that cannot be read or makes no sense */
  async recall(): Promise<string | undefined> {
    let content: string;
    try {
      content = await readFile(this.path, 'utf8');
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.unusable('read', thrown);
    }
    // What else is there may be a secret, if another file was meant: it is not told.
    const [, storeId] = /^lease-store (\S+)\n$/.exec(content) ?? [];
    if (storeId !== undefined) return storeId;
    throw new Error(
      `The lease store file ${this.path}: expected one line, with 'lease-store' and an id, and it has something else; name another file, or remove this one if it is meant and the store that answers is the one that was used before`,
    );
  }

  /** @throws Error that names the file, if it cannot be written */
  async remember(storeId: string): Promise<void> {
    try {
      await replaceFile(this.path, async (file) => {
        await file.writeFile(`lease-store ${storeId}\n`);
      });
    } catch (thrown) {
      throw this.unusable('written', thrown);
    }
  }

  /** What the operating system says does not always name the file. */
  private unusable(how: 'read' | 'written', cause: unknown): Error {
    return new Error(
      `The lease store file ${this.path} cannot be ${how}: ${(cause as Error).message}`,
      { cause },
    );
  }
}
