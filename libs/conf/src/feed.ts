import { Buffer } from 'node:buffer';

/** Hands out a text piece by piece. Every piece ends with a line; the last one may lack the newline. */
export interface Feed {
  /** Whether the piece handed out last reaches the end of the text. */
  readonly isLast: boolean;
  /**
   * The next piece, which repeats what the one before it had from that offset on; undefined at the end of the text.
   */
  next(keepFrom: number): string | undefined;
}

/** Hands out a text as one piece. */
export class TextFeed implements Feed {
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
}

/** Small enough for strings of it to be made where the engine makes short-lived ones. */
const PIECE = 96 * 1024;
const NEWLINE = 0x0a;

/** Decodes bytes piece by piece, so that the text as a whole is never in memory. */
export class BytesFeed implements Feed {
  readonly #bytes: Buffer;
  readonly #isAscii: boolean;
  readonly #pieceLength: number;
  #piece = '';
  #from = 0;
  #to = 0;

  /** The bytes must be well-formed UTF-8; isAscii says that they are all below 128. */
  constructor(bytes: Buffer, isAscii: boolean, pieceLength = PIECE) {
    this.#bytes = bytes;
    this.#isAscii = isAscii;
    this.#pieceLength = pieceLength;
  }

  get isLast(): boolean {
    return this.#to === this.#bytes.length;
  }

  next(keepFrom: number): string | undefined {
    if (this.isLast) return undefined;
    this.#from += this.#isAscii
      ? keepFrom
      : Buffer.byteLength(this.#piece.slice(0, keepFrom));
    // A piece grows with what it repeats, so that a long section is not decoded over and over.
    const wanted =
      this.#to + Math.max(this.#pieceLength, this.#to - this.#from);
    const newline = this.#bytes.indexOf(NEWLINE, wanted);
    this.#to = newline < 0 ? this.#bytes.length : newline + 1;
    const encoding = this.#isAscii ? 'latin1' : 'utf8';
    this.#piece = this.#bytes.toString(encoding, this.#from, this.#to);
    return this.#piece;
  }
}
