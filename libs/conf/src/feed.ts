import { Buffer, isAscii as areAscii } from 'node:buffer';
import type { Flaw } from './decode.js';

/** Hands out a text piece by piece. Every piece ends with a line; the last one may lack the newline. */
export interface Feed {
  /** Whether the piece handed out last reaches the end of the text. */
  readonly isLast: boolean;
  /** Whether more of the text has to be fetched before it is known how it goes on. */
  readonly isHungry: boolean;
  /** Why the text ends where it does, if that is not its end. */
  readonly flaw: Flaw | undefined;
  /** Whether `hasAscii` and `lineAt` can be asked: offsets are then those of bytes, also behind the piece. */
  readonly isAscii: boolean;
  /**
   * The next piece, which repeats what the one before it had from that offset on, or leaves out what is before an
   * offset behind it; undefined at the end of the text, or if more has to be fetched.
   */
  next(keepFrom: number): string | undefined;
  /** Whether that text, which is ASCII, stands at an offset of the piece, or behind the piece. */
  hasAscii(text: string, at: number): boolean;
  /** The line that begins at an offset; empty at the end of the text. */
  lineAt(at: number): string;
  /** Fetches more of the text. What was handed out last is taken back from that offset on, as nothing of it is left. */
  fetch(keepFrom: number): Promise<void>;
}

/** Hands out a text as one piece. */
export class TextFeed implements Feed {
  readonly isAscii = false;
  readonly isHungry = false;
  readonly flaw = undefined;
  #text: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get isLast(): boolean {
    return this.#text === undefined;
  }

  next(): string | undefined {
    const text = this.#text;
    this.#text = undefined;
    return text;
  }

  hasAscii(): boolean {
    return false;
  }

  lineAt(): string {
    return '';
  }

  async fetch(): Promise<void> {}
}

/** Some bytes of a text: whole lines of well-formed UTF-8. */
export interface ByteWindow {
  readonly bytes: Buffer;
  /** Whether they are all below 128. */
  readonly isAscii: boolean;
  /** Whether no others come after them. */
  readonly isLast: boolean;
  readonly flaw: Flaw | undefined;
  /** Drops what is before an offset and shows more than there is after it, unless the text ends. */
  moveTo(from: number): Promise<void>;
}

/** The window of bytes that are all there. */
export function windowOf(bytes: Buffer, isAscii: boolean): ByteWindow {
  const moveTo = async (): Promise<void> => {};
  return { bytes, isAscii, isLast: true, flaw: undefined, moveTo };
}

/** Small enough for strings of it to be made where the engine makes short-lived ones. */
const PIECE = 96 * 1024;
/** Where text was left out because it is known, what comes after it is most often known soon again. */
const FIRST_PIECE = 8 * 1024;
const NEWLINE = 0x0a;
/** Known text is written here to be compared with bytes, which is faster than to make strings of those. */
const known = Buffer.allocUnsafeSlow(64 * 1024);

/** Decodes bytes piece by piece, so that the text as a whole is never in memory. */
export class BytesFeed implements Feed {
  readonly #window: ByteWindow;
  readonly #pieceLength: number;
  #nextLength: number;
  #piece = '';
  #isAscii = true;
  #from = 0;
  #to = 0;
  #isHungry = false;
  /** How much of what is there was handed out before it was fetched: the next piece goes on behind it. */
  #repeated = 0;
  /** The offset behind which there must be more before it is known how the text goes on. */
  #wanted = 0;

  constructor(window: ByteWindow, pieceLength = PIECE) {
    this.#window = window;
    this.#pieceLength = pieceLength;
    this.#nextLength = pieceLength;
  }

  get isLast(): boolean {
    return this.#window.isLast && this.#to === this.#window.bytes.length;
  }

  get isAscii(): boolean {
    return this.#isAscii;
  }

  get isHungry(): boolean {
    return this.#isHungry;
  }

  get flaw(): Flaw | undefined {
    return this.#window.flaw;
  }

  next(keepFrom: number): string | undefined {
    if (this.isLast) return undefined;
    const { bytes, isLast } = this.#window;
    const from = this.#from + this.#lengthOf(keepFrom);
    if (isLast && from === bytes.length) {
      this.#from = this.#to = from;
      return undefined;
    }
    const isAhead = from > this.#to;
    const length = isAhead ? FIRST_PIECE : this.#nextLength;
    const to = isAhead ? from : Math.max(this.#to, this.#repeated);
    // A piece grows with what it repeats, so that a long section is not decoded over and over.
    const wanted = to + Math.max(length, to - from);
    if (wanted >= bytes.length && !isLast) {
      this.#hungerFor(wanted);
      return undefined;
    }
    const newline = bytes.indexOf(NEWLINE, wanted);
    this.#from = from;
    this.#to = newline < 0 ? bytes.length : newline + 1;
    this.#nextLength = Math.min(2 * length, this.#pieceLength);
    this.#repeated = 0;
    this.#decode();
    return this.#piece;
  }

  hasAscii(text: string, at: number): boolean {
    const { bytes, isLast } = this.#window;
    const start = this.#from + at;
    const wanted = start + text.length;
    if (wanted >= bytes.length && !isLast) {
      this.#hungerFor(wanted);
      return false;
    }
    if (wanted > bytes.length) return false;
    for (let from = 0; from < text.length; from += known.length) {
      const part = text.slice(from, from + known.length);
      known.write(part, 0, 'latin1');
      const here = start + from;
      const end = here + part.length;
      if (known.compare(bytes, here, end, 0, part.length) !== 0) return false;
    }
    return true;
  }

  lineAt(at: number): string {
    const { bytes } = this.#window;
    const start = this.#from + at;
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    return bytes.toString('latin1', start, end);
  }

  async fetch(keepFrom: number): Promise<void> {
    const window = this.#window;
    const from = this.#from + this.#lengthOf(keepFrom);
    await window.moveTo(from);
    while (!window.isLast && window.bytes.length <= this.#wanted - from) {
      await window.moveTo(0);
    }
    this.#piece = '';
    this.#repeated = Math.max(this.#to, this.#repeated) - from;
    this.#from = 0;
    this.#to = 0;
    this.#isHungry = false;
  }

  #hungerFor(wanted: number): void {
    this.#isHungry = true;
    this.#wanted = wanted;
  }

  /** How many bytes that many characters of the piece have. */
  #lengthOf(characters: number): number {
    return this.#isAscii
      ? characters
      : Buffer.byteLength(this.#piece.slice(0, characters));
  }

  #decode(): void {
    const { bytes, isAscii } = this.#window;
    const [from, to] = [this.#from, this.#to];
    this.#isAscii = isAscii || areAscii(bytes.subarray(from, to));
    const encoding = this.#isAscii ? 'latin1' : 'utf8';
    this.#piece = bytes.toString(encoding, from, to);
  }
}
