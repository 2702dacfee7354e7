import { createHash } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Observable } from 'rxjs';

/** How files are watched, in milliseconds. */
export interface WatchOptions {
  /** How long it must be quiet before a change counts. Default 100. */
  readonly debounce?: number;
  /** How often the files are looked at where no event came. Default 2000. */
  readonly poll?: number;
}

/**
 * Emits a reason each time the content of any of some files has changed and it
 * has been quiet for a moment. `files` is asked again after each change.
 *
 * It is the folders that are watched, those of every symbolic link on the way
 * too: a watch on a file is blind after the first rename over it, and never
 * sees a swapped link. Because events get lost all the same, the files are also
 * looked at now and then. What counts is the content, not the event.
 */
export function watchFiles(
  files: () => readonly string[],
  { debounce = 100, poll = 2000 }: WatchOptions = {},
): Observable<string> {
  return new Observable((subscriber) => {
    const watcher = new FileWatcher(files, debounce, poll, (reason) =>
      subscriber.next(reason),
    );
    return () => watcher.close();
  });
}

class FileWatcher {
  private readonly folders = new Map<string, FSWatcher>();
  private readonly pollTimer: NodeJS.Timeout;
  private debounceTimer: NodeJS.Timeout | undefined;
  private digest: string | undefined;
  private looking: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly files: () => readonly string[],
    private readonly debounce: number,
    poll: number,
    private readonly changed: (reason: string) => void,
  ) {
    this.look();
    this.pollTimer = setInterval(() => this.look(), poll);
    this.pollTimer.unref();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.pollTimer);
    clearTimeout(this.debounceTimer);
    for (const folder of this.folders.values()) folder.close();
    this.folders.clear();
  }

  private touched(): void {
    clearTimeout(this.debounceTimer);
    this.debounceTimer = setTimeout(() => this.look(), this.debounce);
  }

  private look(): void {
    this.looking = this.looking.then(() => this.compare());
  }

  private async compare(): Promise<void> {
    if (this.closed) return;
    const files = this.files();
    await this.watchFoldersOf(files);
    const digest = await digestOf(files);
    if (this.closed || digest === this.digest) return;
    const first = this.digest === undefined;
    this.digest = digest;
    if (!first) this.changed(`file change: ${files.join(', ')}`);
  }

  private async watchFoldersOf(files: readonly string[]): Promise<void> {
    const wanted = new Set<string>();
    for (const file of files) {
      for (const folder of await foldersOnTheWayTo(file)) wanted.add(folder);
    }
    if (this.closed) return;
    for (const [folder, watcher] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    for (const folder of wanted) this.watchFolder(folder);
  }

  private watchFolder(folder: string): void {
    if (this.folders.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.touched();
      });
      // The folder is gone, or the limit of watches is reached: the poll remains.
      watcher.on('error', () => this.forget(folder));
      this.folders.set(folder, watcher);
    } catch {
      // As above.
    }
  }

  private forget(folder: string): void {
    this.folders.get(folder)?.close();
    this.folders.delete(folder);
  }
}

// More links than this in a row are a circle.
const longestChain = 40;

/** The folders in which a path, and each link it leads through, has its entry. */
async function foldersOnTheWayTo(file: string): Promise<string[]> {
  const folders: string[] = [];
  let path = resolve(file);
  for (let links = 0; links < longestChain; links++) {
    const parts = path.split('/');
    const link = await firstLink(parts);
    folders.push(dirname(link?.path ?? path));
    if (link === undefined) break;
    path = resolve(dirname(link.path), link.target, ...link.rest);
  }
  return [...new Set([dirname(resolve(file)), ...folders])];
}

async function firstLink(parts: readonly string[]) {
  for (let end = 2; end <= parts.length; end++) {
    const path = parts.slice(0, end).join('/');
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) return undefined;
    if (stats.isSymbolicLink()) {
      const target = await readlink(path);
      return { path, target, rest: parts.slice(end) };
    }
  }
  return undefined;
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(file).catch(() => undefined);
    hash.update(content === undefined ? 'gone' : `${content.length} `);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest('base64');
}
