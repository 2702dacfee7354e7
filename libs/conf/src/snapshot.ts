import { resolve } from 'node:path';
import { checkBytes } from './decode.js';
import { BytesFeed } from './feed.js';
import {
  followLinks,
  readConfFile,
  sameStamp,
  stampOf,
  type FileContent,
  type FileStamp,
} from './file.js';
import type { Source } from './source.js';
import { sleep } from './pause.js';
import type { ConfProblem } from './problem.js';

/** A file that was read and decoded. */
export interface LoadedFile {
  readonly absolute: string;
  readonly content: FileContent;
  readonly source: Source;
}

/** What a file must keep to be read into a snapshot. */
export interface LoadRules {
  readonly maxBytes: number;
  readonly lineLength: number;
  readonly refuse: (real: string) => string | undefined;
  readonly mayQuote: (real: string) => boolean;
}

/** A file changed later than that ago may be in the middle of being written: two reads must agree. Milliseconds. */
const RECENT = 2000;
const PAUSE = 20;
/** The pause for a file that is empty or ends within a line, as one does that is being written. Milliseconds. */
const LONG_PAUSE = 200;

/** The files of one attempt at reading a configuration; each of them is read once. */
export class Snapshot {
  readonly #signal: AbortSignal | undefined;
  readonly #stamps = new Map<string, FileStamp | undefined>();
  readonly #loaded = new Map<string, LoadedFile>();
  readonly #bySource = new Map<Source, LoadedFile>();
  #changed = false;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Whether a file changed while it was read, so that the attempt has failed. */
  get changed(): boolean {
    return this.#changed;
  }

  /** The absolute paths of the files, in the order in which they were first read. */
  get paths(): readonly string[] {
    return Object.freeze([...this.#loaded.keys()]);
  }

  /** The file that a source is the text of. */
  fileOf(source: Source): LoadedFile | undefined {
    return this.#bySource.get(source);
  }

  /** Reads a file, or returns why it cannot be used. `shown` is what messages call it. */
  async load(
    path: string,
    shown: string,
    rules: LoadRules,
  ): Promise<LoadedFile | { readonly problem: ConfProblem }> {
    const absolute = await plainPath(path);
    const known = this.#loaded.get(absolute);
    if (known !== undefined) return known;
    const content = await readConfFile(absolute, {
      ...rules,
      signal: this.#signal,
    });
    if (content.kind === 'changed') {
      this.#changed = true;
      return { problem: { message: 'it changed while it was read' } };
    }
    if (content.kind === 'refused') {
      // A file that is not there yet may come; one that is there and is refused may change as it likes.
      if ((await stampOf(absolute)) === undefined) {
        this.#stamps.set(absolute, undefined);
      }
      return { problem: { message: content.message } };
    }
    this.#stamps.set(absolute, content.stamp);
    const checked = checkBytes(content.bytes, rules.lineLength);
    const open = (): BytesFeed =>
      'body' in checked
        ? new BytesFeed(checked.body, checked.isAscii)
        : new BytesFeed(Buffer.alloc(0), true);
    const source = {
      path: shown,
      quotable: rules.mayQuote(content.real),
      open,
    };
    const file = { absolute, content, source };
    this.#loaded.set(absolute, file);
    this.#bySource.set(source, file);
    return 'body' in checked
      ? file
      : { problem: { path: shown, ...checked.problem } };
  }

  /** Whether all files are still as they were read, and seem to be complete. */
  async isSettled(): Promise<boolean> {
    if (this.#changed || !(await this.#isSame())) return false;
    const recent = [...this.#loaded.values()].filter(isRecent);
    if (recent.length === 0) return true;
    await sleep(recent.some(isCutOff) ? LONG_PAUSE : PAUSE, this.#signal);
    for (const file of recent) {
      if (!(await this.#readsTheSame(file))) return false;
    }
    return this.#isSame();
  }

  async #readsTheSame({ absolute, content }: LoadedFile): Promise<boolean> {
    const again = await readConfFile(absolute, {
      maxBytes: content.bytes.length,
      refuse: () => undefined,
      signal: this.#signal,
    });
    return again.kind === 'content' && again.bytes.equals(content.bytes);
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

function isRecent({ content }: LoadedFile): boolean {
  return Number(content.stamp.modified / 1_000_000n) > Date.now() - RECENT;
}

function isCutOff({ content: { bytes } }: LoadedFile): boolean {
  return bytes.at(-1) !== 0x0a;
}
