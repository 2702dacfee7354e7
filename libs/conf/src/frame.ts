import { LEFT_BRACKET } from './characters.js';
import type { Flaw } from './decode.js';
import type { Feed } from './feed.js';
import { LineScanner } from './scanner.js';
import type { Source } from './source.js';
import { StretchBuilder, type Stretch } from './stretch.js';

/** A section that is being read. */
export interface OpenSection {
  readonly name: string;
  start: number;
  /** The line of start, counted from 1. */
  readonly line: number;
  /** How far from start its first line of options begins. */
  readonly header: number;
  options: number;
  repeats: boolean;
}

/** How far a text has been read that is handed out piece by piece. */
export class Frame {
  readonly source: Source;
  readonly scanner = new LineScanner();
  /** The sections of the piece that were read and are not yet collected. */
  readonly stretch = new StretchBuilder();
  /** The section that is being read. */
  section: OpenSection | undefined;
  /** A piece of the text, which ends in a newline. */
  text = '';
  /** The start of the line that is read next, and its number. */
  at = 0;
  line = 1;
  /** Where to stop reading for now, maybe behind the piece. */
  stop = 0;
  /** Whether the text ends without a newline, which the piece got nevertheless. */
  isCutOff = false;
  readonly #feed: Feed;

  constructor(source: Source) {
    this.source = source;
    this.#feed = source.open();
  }

  /** Whether all characters of the piece are ASCII. */
  get isAscii(): boolean {
    return this.#feed.isAscii;
  }

  /** Whether more of the text has to be fetched before it can be read on. */
  get isHungry(): boolean {
    return this.#feed.isHungry;
  }

  /** Why the text ends where it does, if that is not its end. */
  get flaw(): Flaw | undefined {
    return this.#feed.flaw;
  }

  /** Whether there is more to read before it is time to stop. */
  get isGoingOn(): boolean {
    return this.at < this.stop && this.at < this.text.length && !this.isHungry;
  }

  /**
   * Goes on to the next piece of the text, with what was read of the open section; false at the text's end, or if more
   * has to be fetched.
   */
  refill(): boolean {
    const keepFrom = this.#keepFrom;
    const piece = this.#feed.next(keepFrom);
    if (piece === undefined) return false;
    this.isCutOff = piece !== '' && !piece.endsWith('\n');
    this.#begin(this.isCutOff ? `${piece}\n` : piece, keepFrom);
    return true;
  }

  /** Fetches more of the text, which is then gone on to by `refill`. Nothing of the piece may be needed any more. */
  async fetch(): Promise<void> {
    const keepFrom = this.#keepFrom;
    await this.#feed.fetch(keepFrom);
    this.#begin('', keepFrom);
  }

  /** From where on the text is still needed. */
  get #keepFrom(): number {
    return this.section?.start ?? this.at;
  }

  #begin(text: string, keepFrom: number): void {
    this.text = text;
    this.scanner.text = text;
    this.at -= keepFrom;
    this.stop -= keepFrom;
    if (this.section !== undefined) this.section.start = 0;
  }

  /** Whether that stretch stands where the next line begins; undefined if the piece is too short to tell. */
  hasStretch({ text, isAscii }: Stretch): boolean | undefined {
    if (isAscii && this.isAscii && this.#feed.hasAscii(text, this.at)) {
      return true;
    }
    return this.has(text, 0, text.length);
  }

  /** Whether a part of a text stands where the next line begins; undefined if the piece is too short to tell. */
  has(text: string, from: number, to: number): boolean | undefined {
    if (this.at >= this.text.length) return undefined;
    const end = this.at + to - from;
    const isWhole = end < this.text.length || this.#feed.isLast;
    const until = isWhole ? to : from + this.text.length - this.at;
    const here = this.text.slice(this.at, end);
    if (here !== text.slice(from, until)) return false;
    return isWhole ? true : undefined;
  }

  /** Whether a section's text that ends there cannot go on: at the end of the file or at a section header. */
  endsSection(at: number): boolean {
    const { text, scanner } = this;
    if (at < text.length) return isHeader(scanner, at);
    if (at === text.length && this.#feed.isLast) return true;
    const line = this.#feed.lineAt(at);
    return line === '' || isHeader(new LineScanner(`${line}\n`), 0);
  }
}

function isHeader(scanner: LineScanner, at: number): boolean {
  return (
    scanner.text.charCodeAt(at) === LEFT_BRACKET && scanner.header(at) >= 0
  );
}
