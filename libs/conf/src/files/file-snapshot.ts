import { resolve } from 'node:path';
import { BytePieces } from '../text/byte-pieces.js';
import type { Flaw } from '../text/flaw.js';
import type { TextSource } from '../text/text-source.js';
import {
  openConfFile,
  type FileRefusal,
  type FileRules,
  type OpenFile,
} from './conf-file.js';
import { sameStamp, stampOf, type FileStamp } from './file-stamp.js';
import { FileWindow } from './file-window.js';
import { followLinks } from './follow-links.js';
import { sleep } from './sleep.js';

/** A file that is being read, or was read. */
export interface LoadedFile {
  readonly absolute: string;
  /** The path with all symbolic links followed. */
  readonly real: string;
  /** In bytes. */
  readonly size: number;
  readonly stamp: FileStamp;
  readonly source: TextSource;
  readonly window: FileWindow;
}

/** What a file must satisfy to be loaded, and whether it may be quoted. */
export interface LoadRules extends FileRules {
  readonly mayQuote: (real: string) => boolean;
}

// All in milliseconds. A file that changed less than `recent` ago may be in the
// middle of being written: two reads must agree, with a pause between them. The
// pause is longer if the file is empty or ends within a line, as one does that
// is being written.
const recent = 2000;
const shortPause = 20;
const longPause = 200;

/**
 * The files of one attempt to read a configuration. A file that is included
 * twice is opened twice, and must be in the same state.
 */
export class FileSnapshot {
  /** The state of each file; undefined for a file that is not there. */
  private readonly stamps = new Map<string, FileStamp | undefined>();
  private readonly loaded: LoadedFile[] = [];
  private sawChange = false;

  /** Lines may have so many bytes. */
  constructor(
    private readonly lineLength: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Whether a file changed while it was read: the attempt has failed. */
  get changed(): boolean {
    return this.sawChange || this.loaded.some(({ window }) => window.isShort);
  }

  /** The first flaw because of which a file cannot be read to its end. */
  get flaw(): Flaw | undefined {
    const isFlawed = ({ window }: LoadedFile): boolean =>
      window.flaw !== undefined;
    return this.loaded.find(isFlawed)?.window.flaw;
  }

  /** The absolute paths of the files, in the order of their first reading. */
  get paths(): readonly string[] {
    const paths = this.loaded.map(({ absolute }) => absolute);
    return Object.freeze([...new Set(paths)]);
  }

  /** The file of which a source is the text. */
  fileOf(source: TextSource): LoadedFile | undefined {
    return this.loaded.find((file) => file.source === source);
  }

  /**
   * Begins to read a file, or returns why it cannot be used. `shown` is what
   * messages call it.
   */
  async load(
    path: string,
    shown: string,
    rules: LoadRules,
  ): Promise<LoadedFile | FileRefusal> {
    const absolute = await plainPath(path);
    this.signal?.throwIfAborted();
    const file = await this.open(absolute, rules);
    if (file.kind === 'refused') return file;
    const { real, stamp } = file;
    this.stamps.set(absolute, stamp);
    const window = await this.windowOf(file, isRecent(stamp));
    const open = (): BytePieces => new BytePieces(window);
    const quotable = rules.mayQuote(real);
    const source = { path: shown, quotable, mustBeComplete: true, open };
    const size = Number(stamp.size);
    const loaded = { absolute, real, size, stamp, source, window };
    this.loaded.push(loaded);
    await window.moveTo(0);
    return loaded;
  }

  /** Whether all files are still as they were read, and seem complete. */
  async isSettled(): Promise<boolean> {
    if (this.changed || !(await this.isSame())) return false;
    const recentOnes = this.loaded.filter(({ stamp }) => isRecent(stamp));
    if (recentOnes.length === 0) return true;
    const isCutOff = recentOnes.some(({ window }) => window.isCutOff);
    await sleep(isCutOff ? longPause : shortPause, this.signal);
    for (const file of recentOnes) {
      if (!(await this.readsTheSame(file))) return false;
    }
    return this.isSame();
  }

  /** Closes what is still open. */
  async close(): Promise<void> {
    for (const { window } of this.loaded) await window.close();
  }

  private async open(
    absolute: string,
    rules: FileRules,
  ): Promise<OpenFile | FileRefusal> {
    const before = this.stamps.get(absolute);
    const maxBytes = before === undefined ? rules.maxBytes : Infinity;
    const file = await openConfFile(absolute, { ...rules, maxBytes });
    if (file.kind === 'refused') {
      // A file that is not there yet may come. One that is there and refused
      // may change as it likes.
      if ((await stampOf(absolute)) === undefined) {
        this.stamps.set(absolute, undefined);
      }
      return file;
    }
    if (file.kind === 'changed') return this.noteChange();
    if (before !== undefined && !sameStamp(before, file.stamp)) {
      await file.handle.close();
      return this.noteChange();
    }
    return file;
  }

  private noteChange(): FileRefusal {
    this.sawChange = true;
    return { kind: 'refused', message: 'it changed while it was read' };
  }

  private async readsTheSame({
    absolute,
    size,
    window,
  }: LoadedFile): Promise<boolean> {
    const rules = { maxBytes: size, refuse: () => undefined };
    const file = await openConfFile(absolute, rules);
    if (file.kind !== 'open') return false;
    const again = await this.windowOf(file, true);
    try {
      do await again.moveTo(again.bytes.length);
      while (!again.isLast);
    } finally {
      await again.close();
    }
    return again.checksum === window.checksum;
  }

  private async windowOf(
    file: OpenFile,
    isSummedUp: boolean,
  ): Promise<FileWindow> {
    // Loaded when it is first needed: most files have not changed just now.
    const { crc32 } = isSummedUp ? await import('node:zlib') : {};
    return new FileWindow(file, {
      lineLength: this.lineLength,
      addUp: crc32,
      signal: this.signal,
    });
  }

  private async isSame(): Promise<boolean> {
    for (const [path, stamp] of this.stamps) {
      if (!sameStamp(await stampOf(path), stamp)) return false;
    }
    return true;
  }
}

/**
 * The path without `..`, unless that would lead elsewhere because of symbolic
 * links.
 */
async function plainPath(path: string): Promise<string> {
  const plain = resolve(path);
  if (plain === path) return path;
  const [one, other] = [await followLinks(path), await followLinks(plain)];
  return one === other ? plain : path;
}

function isRecent(stamp: FileStamp): boolean {
  return Number(stamp.modified / 1_000_000n) > Date.now() - recent;
}
