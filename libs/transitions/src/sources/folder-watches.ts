import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';

interface FolderWatch {
  readonly watcher: FSWatcher;
  /** Which folder it is: another one may take its name, and the watch would stay with the old one. */
  readonly identity: string;
}

/**
 * Watches on folders. One that cannot be watched, because it is gone or the
 * system's limit is reached, is tried again at the next `set`.
 */
export class FolderWatches {
  private readonly watches = new Map<string, FolderWatch>();
  private closed = false;

  constructor(private readonly touched: () => void) {}

  /** From now on exactly these folders are watched. Never rejects. */
  async set(folders: ReadonlySet<string>): Promise<void> {
    for (const folder of this.watches.keys()) {
      if (!folders.has(folder)) this.stop(folder);
    }
    for (const folder of folders) {
      const identity = await identityOf(folder);
      if (this.closed) return;
      if (this.watches.get(folder)?.identity === identity) continue;
      this.stop(folder);
      if (identity !== undefined) this.start(folder, identity);
    }
  }

  close(): void {
    this.closed = true;
    for (const folder of this.watches.keys()) this.stop(folder);
  }

  private start(folder: string, identity: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, this.touched);
      watcher.on('error', () => this.stop(folder));
      this.watches.set(folder, { watcher, identity });
    } catch {
      // As said above.
    }
  }

  private stop(folder: string): void {
    this.watches.get(folder)?.watcher.close();
    this.watches.delete(folder);
  }
}

async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
