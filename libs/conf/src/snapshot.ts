import { resolve } from 'node:path';
import { BytesFeed } from './feed.js';
import { FileWindow } from './file.window.js';
import {
  followLinks,
  openConfFile,
  sameStamp,
  stampOf,
  type FileStamp,
  type OpenFile,
} from './file.js';
import type { Source } from './source.js';
import { sleep } from './pause.js';
import type { ConfProblem } from './problem.js';

/** A file that is being read, or was. */
export interface LoadedFile {
  readonly absolute: string;
  /** The path with all symbolic links followed. */
  readonly real: string;
  /** In bytes. */
  readonly size: number;
  readonly stamp: FileStamp;
  readonly source: Source;
  readonly window: FileWindow;
}

/** What a file must keep to be read into a snapshot. */
export interface LoadRules {
  readonly maxBytes: number;
  readonly refuse: (real: string) => string | undefined;
  readonly mayQuote: (real: string) => boolean;
}

/** A file changed later than that ago may be in the middle of being written: two reads must agree. Milliseconds. */
const RECENT = 2000;
const PAUSE = 20;
/** The pause for a file that is empty or ends within a line, as one does that is being written. Milliseconds. */
const LONG_PAUSE = 200;

/** The files of one attempt at reading a configuration. One that is included twice is opened twice, in one state. */
export class Snapshot {
  readonly #lineLength: number;
  readonly #signal: AbortSignal | undefined;
  /** The state of each file; undefined for one that is not there. */
  readonly #stamps = new Map<string, FileStamp | undefined>();
  readonly #loaded: LoadedFile[] = [];
  #changed = false;

  /** Lines may have so many bytes. */
  constructor(lineLength: number, signal: AbortSignal | undefined) {
    this.#lineLength = lineLength;
    this.#signal = signal;
  }

  /** Whether a file changed while it was read, so that the attempt has failed. */
  get changed(): boolean {
    return this.#changed || this.#loaded.some(({ window }) => window.isShort);
  }

  /** Whether a file cannot be read to its end. */
  get isFlawed(): boolean {
    return this.#loaded.some(({ window }) => window.flaw !== undefined);
  }

  /** The absolute paths of the files, in the order in which they were first read. */
  get paths(): readonly string[] {
    const paths = this.#loaded.map(({ absolute }) => absolute);
    return Object.freeze([...new Set(paths)]);
  }

  /** The file that a source is the text of. */
  fileOf(source: Source): LoadedFile | undefined {
    return this.#loaded.find((file) => file.source === source);
  }

  /** Begins to read a file, or returns why it cannot be used. `shown` is what messages call it. */
  async load(
    path: string,
    shown: string,
    rules: LoadRules,
  ): Promise<LoadedFile | { readonly problem: ConfProblem }> {
    const absolute = await plainPath(path);
    this.#signal?.throwIfAborted();
    const before = this.#stamps.get(absolute);
    const maxBytes = before === undefined ? rules.maxBytes : Infinity;
    const file = await openConfFile(absolute, { ...rules, maxBytes });
    if (file.kind === 'refused') {
      // A file that is not there yet may come; one that is there and is refused may change as it likes.
      if ((await stampOf(absolute)) === undefined) {
        this.#stamps.set(absolute, undefined);
      }
      return { problem: { message: file.message } };
    }
    if (file.kind === 'changed') return this.#change();
    if (before !== undefined && !sameStamp(before, file.stamp)) {
      await file.handle.close();
      return this.#change();
    }
    const { real, stamp } = file;
    this.#stamps.set(absolute, stamp);
    const window = await this.#windowOf(file, isRecent(stamp));
    const open = (): BytesFeed => new BytesFeed(window);
    const source = { path: shown, quotable: rules.mayQuote(real), open };
    const size = Number(stamp.size);
    const loaded = { absolute, real, size, stamp, source, window };
    this.#loaded.push(loaded);
    await window.moveTo(0);
    return loaded;
  }

  /** Whether all files are still as they were read, and seem to be complete. */
  async isSettled(): Promise<boolean> {
    if (this.changed || !(await this.#isSame())) return false;
    const recent = this.#loaded.filter(({ stamp }) => isRecent(stamp));
    if (recent.length === 0) return true;
    const isCutOff = recent.some(({ window }) => window.isCutOff);
    await sleep(isCutOff ? LONG_PAUSE : PAUSE, this.#signal);
    for (const file of recent) {
      if (!(await this.#readsTheSame(file))) return false;
    }
    return this.#isSame();
  }

  /** Closes what is still open. */
  async close(): Promise<void> {
    for (const { window } of this.#loaded) await window.close();
  }

  #change(): { readonly problem: ConfProblem } {
    this.#changed = true;
    return { problem: { message: 'it changed while it was read' } };
  }

  async #readsTheSame({
    absolute,
    size,
    window,
  }: LoadedFile): Promise<boolean> {
    const rules = { maxBytes: size, refuse: () => undefined };
    const file = await openConfFile(absolute, rules);
    if (file.kind !== 'open') return false;
    const again = await this.#windowOf(file, true);
    try {
      do await again.moveTo(again.bytes.length);
      while (!again.isLast);
    } finally {
      await again.close();
    }
    return again.checksum === window.checksum;
  }

  async #windowOf(file: OpenFile, isSummedUp: boolean): Promise<FileWindow> {
    // Loaded when it is first needed: most files have not changed just now.
    const { crc32 } = isSummedUp ? await import('node:zlib') : {};
    return new FileWindow(file, {
      lineLength: this.#lineLength,
      addUp: crc32,
      signal: this.#signal,
    });
  }

  async #isSame(): Promise<boolean> {
    for (const [path, stamp] of this.#stamps) {
      if (!sameStamp(await stampOf(path), stamp)) return false;
    }
    return true;
  }
}

/** The path without `..`, unless that would lead elsewhere because of symbolic links. */
async function plainPath(path: string): Promise<string> {
  const plain = resolve(path);
  if (plain === path) return path;
  const [one, other] = [await followLinks(path), await followLinks(plain)];
  return one === other ? plain : path;
}

function isRecent(stamp: FileStamp): boolean {
  return Number(stamp.modified / 1_000_000n) > Date.now() - RECENT;
}
