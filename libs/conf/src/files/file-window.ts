import { Buffer, isAscii } from 'node:buffer';
import { newlineCode } from '../grammar/characters.js';
import type { ByteWindow } from '../text/byte-window.js';
import { findFlaw, findUtf16, markLength, type Flaw } from '../text/flaw.js';
import { reasonOf, type OpenFile } from './conf-file.js';

/**
 * How many bytes are read at a time. In memory is three times that, unless
 * lines are longer.
 */
const usualChunk = 512 * 1024;
const nothing = Buffer.alloc(0);
/** In bytes. */
const longestCharacter = 4;

/** How a window moves through its file. */
export interface WindowRules {
  /** How long a line may be, in bytes. */
  readonly lineLength: number;
  /**
   * Adds bytes to the checksum of those before them; undefined if nobody needs
   * one.
   */
  readonly addUp: ((bytes: Buffer, sum: number) => number) | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Moves through a file and keeps only a part of it in memory: for a whole file
 * of many megabytes the engine would first have to collect garbage. It shows
 * whole lines of well-formed UTF-8, without a byte order mark. It closes the
 * file at its end.
 */
export class FileWindow implements ByteWindow {
  bytes: Buffer = nothing;
  isAscii = true;
  isLast = false;
  flaw: Flaw | undefined;
  /** The checksum of all bytes that were read. */
  checksum = 0;
  /** Whether the file ends within a line, as far as can be told. */
  isCutOff = true;
  /** Whether the file ended earlier than its size had said. */
  isShort = false;
  private readonly size: number;
  /** What is shown, and behind it the beginning of the next line. */
  private buffer: Buffer<ArrayBuffer>;
  private length = 0;
  /**
   * The next bytes of the file are read into this one while others use what is
   * shown. Empty at the end of the file.
   */
  private chunk: Buffer;
  private reading: Promise<number | Error> | undefined;
  /** How many bytes of the file have been in the buffer. */
  private read = 0;

  /** Chunks have at least 4 bytes: from the first 4 UTF-16 is told. */
  constructor(
    private readonly file: OpenFile,
    private readonly rules: WindowRules,
    chunkLength = usualChunk,
  ) {
    this.size = Number(file.stamp.size);
    const chunk = Math.min(chunkLength, this.size);
    this.chunk = Buffer.allocUnsafeSlow(chunk);
    this.buffer = Buffer.allocUnsafeSlow(Math.min(2 * chunk, this.size));
  }

  /**
   * Drops what is shown before that offset, and shows at least one more line,
   * unless the file ends. Rejects with the reason of the signal when it aborts.
   */
  async moveTo(from: number): Promise<void> {
    const shown = this.bytes.length - from;
    this.drop(from);
    do {
      const isFirst = this.read === 0;
      await this.append();
      if (isFirst) this.begin();
    } while (!this.show(shown));
    if (!this.isLast) return;
    // The windows of all files that were read are kept for a while.
    this.chunk = nothing;
    await this.close();
  }

  /** Closes the file, if it is open. */
  close(): Promise<void> {
    return this.file.handle.close();
  }

  private get isAtEnd(): boolean {
    return this.isShort || this.read === this.size;
  }

  private drop(count: number): void {
    this.buffer.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Appends the next chunk, and begins to read the one after it. */
  private async append(): Promise<void> {
    if (this.isAtEnd) return;
    const count = await (this.reading ?? this.readChunk());
    this.reading = undefined;
    const { signal, addUp } = this.rules;
    signal?.throwIfAborted();
    if (typeof count !== 'number') {
      this.flaw = { start: 0, message: reasonOf(count), cause: count };
      return;
    }
    const chunk = this.chunk.subarray(0, count);
    if (addUp !== undefined) this.checksum = addUp(chunk, this.checksum);
    this.makeRoom(count);
    this.length += chunk.copy(this.buffer, this.length);
    this.read += count;
    this.isShort = count === 0;
    if (!this.isAtEnd) this.reading = this.readChunk();
  }

  private async readChunk(): Promise<number | Error> {
    const { chunk, read } = this;
    const length = Math.min(chunk.length, this.size - read);
    try {
      const result = await this.file.handle.read(chunk, 0, length, read);
      return result.bytesRead;
    } catch (error) {
      return error as Error;
    }
  }

  private makeRoom(count: number): void {
    const { buffer } = this;
    const needed = this.length + count;
    if (needed <= buffer.length) return;
    this.buffer = Buffer.allocUnsafeSlow(2 * needed);
    buffer.copy(this.buffer, 0, 0, this.length);
  }

  private begin(): void {
    const bytes = this.buffer.subarray(0, this.length);
    this.flaw ??= findUtf16(bytes);
    this.drop(markLength(bytes));
  }

  /**
   * Shows the whole lines in the buffer, up to a flaw. So many bytes of them
   * were shown before; returns whether there are more now, or the file ends.
   */
  private show(known: number): boolean {
    const there = this.buffer.subarray(0, this.length);
    const end = this.isAtEnd
      ? there.length
      : there.lastIndexOf(newlineCode) + 1;
    const isEndless =
      there.length - end > this.rules.lineLength + longestCharacter;
    const lines = isEndless ? there : there.subarray(0, end);
    this.flaw ??= this.check(lines, known);
    this.bytes = lines.subarray(0, this.flaw?.start);
    this.isLast = this.isAtEnd || this.flaw !== undefined;
    this.isCutOff = this.flaw !== undefined || there.at(-1) !== newlineCode;
    return this.isLast || this.bytes.length > known;
  }

  /** Looks at the lines that were not shown before. */
  private check(lines: Buffer, known: number): Flaw | undefined {
    const added = lines.subarray(known);
    const areAscii = isAscii(added);
    this.isAscii = areAscii && (known === 0 || this.isAscii);
    const offset = this.read - this.length + known;
    const flaw = findFlaw(added, areAscii, this.rules.lineLength, offset);
    return flaw && { ...flaw, start: known + flaw.start };
  }
}
