import { Buffer, isAscii } from 'node:buffer';
import type { ByteWindow } from './byte-window.js';
import type { Flaw } from './flaw.js';
import type { TextPieces } from './text-pieces.js';

const newlineByte = 0x0a;
/**
 * In bytes; small enough for the engine to make the strings where it makes
 * short-lived objects.
 */
const usualLength = 96 * 1024;
/**
 * The length of the first piece behind text that was skipped because it is
 * known: what comes after it is usually known again soon. In bytes.
 */
const lengthAfterSkip = 8 * 1024;
/**
 * Text that is expected is written here to be compared with the bytes of the
 * window. That is faster than to make a string of those.
 */
const expected = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Decodes the bytes of a window piece by piece, so that the text as a whole is
 * never in memory.
 */
export class BytePieces implements TextPieces {
  isAscii = true;
  needsMore = false;
  private piece = '';
  /** Where the piece is in the window. */
  private from = 0;
  private to = 0;
  private nextLength: number;
  /**
   * Up to where what is in the window was handed out before more was fetched.
   * The next piece has to reach further.
   */
  private handedOut = 0;
  /** Behind which offset there must be more before it is known how to go on. */
  private wanted = 0;

  constructor(
    private readonly window: ByteWindow,
    private readonly pieceLength = usualLength,
  ) {
    this.nextLength = pieceLength;
  }

  get isLast(): boolean {
    return this.window.isLast && this.to === this.window.bytes.length;
  }

  get flaw(): Flaw | undefined {
    return this.window.flaw;
  }

  next(keepFrom: number): string | undefined {
    if (this.isLast) return undefined;
    const { bytes, isLast } = this.window;
    const from = this.from + this.byteLengthOf(keepFrom);
    if (isLast && from === bytes.length) {
      this.from = this.to = from;
      return undefined;
    }
    const isAhead = from > this.to;
    const length = isAhead ? lengthAfterSkip : this.nextLength;
    const to = isAhead ? from : Math.max(this.to, this.handedOut);
    // A piece grows with what it repeats, so that a long section is not decoded
    // over and over.
    const wanted = to + Math.max(length, to - from);
    if (wanted >= bytes.length && !isLast) {
      this.askFor(wanted);
      return undefined;
    }
    const newline = bytes.indexOf(newlineByte, wanted);
    this.from = from;
    this.to = newline < 0 ? bytes.length : newline + 1;
    this.nextLength = Math.min(2 * length, this.pieceLength);
    this.handedOut = 0;
    this.decode();
    return this.piece;
  }

  hasAscii(text: string, at: number): boolean {
    const { bytes, isLast } = this.window;
    const start = this.from + at;
    const wanted = start + text.length;
    if (wanted >= bytes.length && !isLast) {
      this.askFor(wanted);
      return false;
    }
    if (wanted > bytes.length) return false;
    for (let from = 0; from < text.length; from += expected.length) {
      const part = text.slice(from, from + expected.length);
      expected.write(part, 0, 'latin1');
      const here = start + from;
      const end = here + part.length;
      if (expected.compare(bytes, here, end, 0, part.length) !== 0) {
        return false;
      }
    }
    return true;
  }

  lineAt(at: number): string {
    const { bytes } = this.window;
    const start = this.from + at;
    const newline = bytes.indexOf(newlineByte, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    return bytes.toString('latin1', start, end);
  }

  async fetch(keepFrom: number): Promise<void> {
    const { window } = this;
    const from = this.from + this.byteLengthOf(keepFrom);
    await window.moveTo(from);
    while (!window.isLast && window.bytes.length <= this.wanted - from) {
      await window.moveTo(0);
    }
    this.piece = '';
    this.handedOut = Math.max(this.to, this.handedOut) - from;
    this.from = 0;
    this.to = 0;
    this.needsMore = false;
  }

  private askFor(wanted: number): void {
    this.needsMore = true;
    this.wanted = wanted;
  }

  /** How many bytes so many characters of the piece have. */
  private byteLengthOf(characters: number): number {
    return this.isAscii
      ? characters
      : Buffer.byteLength(this.piece.slice(0, characters));
  }

  private decode(): void {
    const { window, from, to } = this;
    const { bytes } = window;
    this.isAscii = window.isAscii || isAscii(bytes.subarray(from, to));
    const encoding = this.isAscii ? 'latin1' : 'utf8';
    this.piece = bytes.toString(encoding, from, to);
  }
}
