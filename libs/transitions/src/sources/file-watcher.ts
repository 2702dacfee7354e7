import { Observable, type Subscription } from 'rxjs';
import { delay, timeLimit, type ValueKind } from '../checks/value-kinds.js';
import { startTimer } from '../ports/timers.js';
import { FileDigests } from './file-digest.js';
import { FolderWatches } from './folder-watches.js';
import { foldersOnTheWayTo } from './folders-on-the-way.js';

/** How files are watched, in milliseconds. */
export interface WatchOptions {
  /** How long it must be quiet before a change counts. Default 100. */
  readonly debounce?: number;
  /**
   * How often the files are looked at where no event came. Default 2000;
   * Infinity: never.
   */
  readonly poll?: number;
}

/** What each of the options may be. */
export const watchOptionKinds = {
  debounce: delay,
  poll: timeLimit,
} satisfies Record<keyof WatchOptions, ValueKind>;

/** What is watched. */
export interface WatchedFiles {
  /** The files as they are to be watched now; asked again at every look. */
  readonly files: () => readonly string[];
  /** What the digest of the files was at the start; undefined: as they are then. */
  readonly digest: string | undefined;
  /** Emits when `files` may be others than before. */
  readonly reread$: Observable<void>;
}

/**
 * Emits a reason each time the content of any of some files has changed and it
 * has been quiet for a moment.
 *
 * It is the folders that are watched, those of every symbolic link on the way
 * too: a watch on a file is blind after the first rename over it, and never
 * sees a swapped link. Because events get lost all the same, the files are also
 * looked at now and then. What counts is the content, not the event.
 */
export function watchFiles(
  watched: WatchedFiles,
  { debounce = 100, poll = 2000 }: WatchOptions = {},
): Observable<string> {
  return new Observable((subscriber) => {
    const watcher = new FileWatcher(watched, debounce, poll, (reason) =>
      subscriber.next(reason),
    );
    return () => watcher.close();
  });
}

class FileWatcher {
  private readonly digests = new FileDigests();
  private readonly folders = new FolderWatches(() => this.touched());
  private cancelPoll: () => void;
  private cancelDebounce: () => void = () => {};
  private digest: string | undefined;
  private readonly rereads: Subscription;
  private looking: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly watched: WatchedFiles,
    private readonly debounce: number,
    private readonly poll: number,
    private readonly changed: (reason: string) => void,
  ) {
    this.digest = watched.digest;
    this.rereads = watched.reread$.subscribe(() => this.look(true));
    this.look(true);
    this.cancelPoll = this.pollLater();
  }

  close(): void {
    this.closed = true;
    this.rereads.unsubscribe();
    this.cancelPoll();
    this.cancelDebounce();
    this.folders.close();
  }

  private touched(): void {
    if (this.closed) return;
    this.cancelDebounce();
    this.cancelDebounce = startTimer(() => this.look(true), this.debounce);
  }

  private pollLater(): () => void {
    const look = (): void => {
      this.look(false);
      this.cancelPoll = this.pollLater();
    };
    return startTimer(look, this.poll, { keepsAlive: false });
  }

  private look(readAll: boolean): void {
    this.looking = this.looking.then(() => this.compare(readAll));
  }

  private async compare(readAll: boolean): Promise<void> {
    if (this.closed) return;
    const files = this.watched.files();
    // First the watches: what changes after the files were read must be seen.
    await this.folders.set(await foldersOf(files));
    const digest = await this.digests.of(files, { readAll });
    if (this.closed || digest === this.digest) return;
    const isFirstLook = this.digest === undefined;
    this.digest = digest;
    if (!isFirstLook) this.changed(`file change: ${files.join(', ')}`);
  }
}

async function foldersOf(
  files: readonly string[],
): Promise<ReadonlySet<string>> {
  const folders = new Set<string>();
  for (const file of files) {
    for (const folder of await foldersOnTheWayTo(file)) folders.add(folder);
  }
  return folders;
}
