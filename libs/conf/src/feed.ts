import { Buffer, isAscii as areAscii } from 'node:buffer';

/** Hands out a text piece by piece. Every piece ends with a line; the last one may lack the newline. */
export interface Feed {
  /** Whether the piece handed out last reaches the end of the text. */
  readonly isLast: boolean;
  /** Whether `hasAscii` and `lineAt` can be asked: offsets are then those of bytes, also behind the piece. */
  readonly isAscii: boolean;
  /**
   * The next piece, which repeats what the one before it had from that offset on, or leaves out what is before an
   * offset behind it; undefined at the end of the text.
   */
  next(keepFrom: number): string | undefined;
  /** Whether that text, which is ASCII, stands at an offset of the piece, or behind the piece. */
  hasAscii(text: string, at: number): boolean;
  /** The line that begins at an offset; empty at the end of the text. */
  lineAt(at: number): string;
}

/** Hands out a text as one piece. */
export class TextFeed implements Feed {
  readonly isAscii = false;
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
  readonly #bytes: Buffer;
  readonly #areAscii: boolean;
  readonly #pieceLength: number;
  #nextLength: number;
  #piece = '';
  #isAscii = true;
  #from = 0;
  #to = 0;

  /** The bytes must be well-formed UTF-8; isAscii says that they are all below 128. */
  constructor(bytes: Buffer, isAscii: boolean, pieceLength = PIECE) {
    this.#bytes = bytes;
    this.#areAscii = isAscii;
    this.#pieceLength = pieceLength;
    this.#nextLength = pieceLength;
  }

  get isLast(): boolean {
    return this.#to === this.#bytes.length;
  }

  get isAscii(): boolean {
    return this.#isAscii;
  }

  next(keepFrom: number): string | undefined {
    if (this.isLast) return undefined;
    this.#goTo(keepFrom);
    if (this.#from === this.#bytes.length) return undefined;
    // A piece grows with what it repeats, so that a long section is not decoded over and over.
    const wanted = this.#to + Math.max(this.#nextLength, this.#to - this.#from);
    const newline = this.#bytes.indexOf(NEWLINE, wanted);
    this.#to = newline < 0 ? this.#bytes.length : newline + 1;
    this.#nextLength = Math.min(2 * this.#nextLength, this.#pieceLength);
    this.#decode();
    return this.#piece;
  }

  hasAscii(text: string, at: number): boolean {
    const bytes = this.#bytes;
    const start = this.#from + at;
    if (start + text.length > bytes.length) return false;
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
    const start = this.#from + at;
    const newline = this.#bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? this.#bytes.length : newline + 1;
    return this.#bytes.toString('latin1', start, end);
  }

  #goTo(keepFrom: number): void {
    this.#from += this.#isAscii
      ? keepFrom
      : Buffer.byteLength(this.#piece.slice(0, keepFrom));
    if (this.#from <= this.#to) return;
    this.#to = this.#from;
    this.#nextLength = Math.min(FIRST_PIECE, this.#pieceLength);
  }

  #decode(): void {
    const bytes = this.#bytes;
    const [from, to] = [this.#from, this.#to];
    this.#isAscii = this.#areAscii || areAscii(bytes.subarray(from, to));
    const encoding = this.#isAscii ? 'latin1' : 'utf8';
    this.#piece = bytes.toString(encoding, from, to);
  }
}
