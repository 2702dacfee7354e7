import { Buffer, isAscii } from 'node:buffer';
import { NEWLINE } from './characters.js';
import { findFlaw, findUtf16, markLength, type Flaw } from './decode.js';
import { reasonOf, type OpenFile } from './file.js';
import type { ByteWindow } from './feed.js';

/** How many bytes are read at a time, and are in memory thrice where lines are not longer. */
const CHUNK = 512 * 1024;
const NOTHING = Buffer.alloc(0);
/** In bytes. */
const LONGEST_CHARACTER = 4;

/** What a window asks of the file that it moves through. */
export interface WindowRules {
  /** How long a line may be, in bytes. */
  readonly lineLength: number;
  /** Adds bytes to the checksum of those before them; undefined where nobody wants one. */
  readonly addUp: ((bytes: Buffer, sum: number) => number) | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Moves through a file, so that as much of it is in memory as is needed at a time: for a whole file of many megabytes
 * the engine would have to collect garbage first. What it shows are whole lines of well-formed UTF-8, without a byte
 * order mark. The file is closed at its end.
 */
export class FileWindow implements ByteWindow {
  bytes: Buffer = NOTHING;
  isAscii = true;
  isLast = false;
  flaw: Flaw | undefined;
  /** Of all bytes that were read. */
  checksum = 0;
  /** Whether the file does not end with the end of a line, as far as can be told. */
  isCutOff = true;
  /** Whether the file ended before its size as it was when it was opened. */
  isShort = false;
  readonly #file: OpenFile;
  readonly #size: number;
  readonly #rules: WindowRules;
  /** What is shown, and the beginning of the line after it. */
  #buffer: Buffer<ArrayBuffer>;
  #length = 0;
  /** What comes next in the file is read into this while others use what is shown; empty at the file's end. */
  #chunk: Buffer;
  #reading: Promise<number | Error> | undefined;
  /** How many bytes of the file were shown or dropped. */
  #read = 0;

  /** Chunks have at least 4 bytes: from those of the first one it is told that it is no UTF-16. */
  constructor(file: OpenFile, rules: WindowRules, chunkLength = CHUNK) {
    this.#file = file;
    this.#size = Number(file.stamp.size);
    this.#rules = rules;
    const chunk = Math.min(chunkLength, this.#size);
    this.#chunk = Buffer.allocUnsafeSlow(chunk);
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(2 * chunk, this.#size));
  }

  /**
   * Shows at least one more line after what is shown from that offset on, unless the file ends; what is before the
   * offset is dropped. Rejects with the reason of the signal when it aborts.
   */
  async moveTo(from: number): Promise<void> {
    const shown = this.bytes.length - from;
    this.#drop(from);
    do {
      const isFirst = this.#read === 0;
      await this.#append();
      if (isFirst) this.#begin();
    } while (!this.#show(shown));
    if (!this.isLast) return;
    // The windows of all files that were read are kept for a while.
    this.#chunk = NOTHING;
    await this.close();
  }

  /** Closes the file, if it is open. */
  close(): Promise<void> {
    return this.#file.handle.close();
  }

  get #isAtEnd(): boolean {
    return this.isShort || this.#read === this.#size;
  }

  #drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }

  /** Appends the next chunk, and begins to read the one after it. */
  async #append(): Promise<void> {
    if (this.#isAtEnd) return;
    const count = await (this.#reading ?? this.#readChunk());
    this.#reading = undefined;
    const { signal, addUp } = this.#rules;
    signal?.throwIfAborted();
    if (typeof count !== 'number') {
      this.flaw = { start: 0, message: reasonOf(count) };
      return;
    }
    const chunk = this.#chunk.subarray(0, count);
    if (addUp !== undefined) this.checksum = addUp(chunk, this.checksum);
    this.#makeRoom(count);
    this.#length += chunk.copy(this.#buffer, this.#length);
    this.#read += count;
    this.isShort = count === 0;
    if (!this.#isAtEnd) this.#reading = this.#readChunk();
  }

  async #readChunk(): Promise<number | Error> {
    const { handle } = this.#file;
    const length = Math.min(this.#chunk.length, this.#size - this.#read);
    try {
      const { bytesRead } = await handle.read(
        this.#chunk,
        0,
        length,
        this.#read,
      );
      return bytesRead;
    } catch (error) {
      return error as Error;
    }
  }

  #makeRoom(count: number): void {
    const buffer = this.#buffer;
    const needed = this.#length + count;
    if (needed <= buffer.length) return;
    this.#buffer = Buffer.allocUnsafeSlow(2 * needed);
    buffer.copy(this.#buffer, 0, 0, this.#length);
  }

  #begin(): void {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.flaw ??= findUtf16(bytes);
    this.#drop(markLength(bytes));
  }

  /** Shows the whole lines that are there, up to a flaw; false where they are not more than so many bytes, which were shown before. */
  #show(known: number): boolean {
    const there = this.#buffer.subarray(0, this.#length);
    const end = this.#isAtEnd ? there.length : there.lastIndexOf(NEWLINE) + 1;
    const isEndless =
      there.length - end > this.#rules.lineLength + LONGEST_CHARACTER;
    const lines = isEndless ? there : there.subarray(0, end);
    this.flaw ??= this.#check(lines, known);
    this.bytes = lines.subarray(0, this.flaw?.start);
    this.isLast = this.#isAtEnd || this.flaw !== undefined;
    this.isCutOff = this.flaw !== undefined || there.at(-1) !== NEWLINE;
    return this.isLast || this.bytes.length > known;
  }

  /** Looks at the lines that were not shown before. */
  #check(lines: Buffer, known: number): Flaw | undefined {
    const added = lines.subarray(known);
    const areAscii = isAscii(added);
    this.isAscii = areAscii && (known === 0 || this.isAscii);
    const flaw = findFlaw(
      added,
      areAscii,
      this.#rules.lineLength,
      this.#read - this.#length + known,
    );
    return flaw && { ...flaw, start: known + flaw.start };
  }
}
