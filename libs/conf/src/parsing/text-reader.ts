import { leftBracketCode } from '../grammar/characters.js';
import { LineScanner } from '../grammar/line-scanner.js';
import type { Stretch } from '../layout/stretch.js';
import { StretchBuilder } from '../layout/stretch-builder.js';
import type { Flaw } from '../text/flaw.js';
import type { TextPieces } from '../text/text-pieces.js';
import type { TextSource } from '../text/text-source.js';

/** A section that is being read. */
export interface OpenSection {
  readonly name: string;
  start: number;
  /** The line of `start`, counted from 1. */
  readonly line: number;
  /** How far behind `start` its options begin. */
  readonly header: number;
  options: number;
  repeats: boolean;
}

/** Reads one text piece by piece, and knows how far it has come. */
export class TextReader {
  readonly scanner = new LineScanner();
  /** The sections of the current piece that were read and not yet added. */
  readonly stretch = new StretchBuilder();
  /** The section that is being read. */
  section: OpenSection | undefined;
  /** A piece of the text, which ends in a newline. */
  text = '';
  /** Where in the piece the next line begins. */
  at = 0;
  /** The number of the next line, counted from 1. */
  line = 1;
  /** Where to pause, maybe behind the piece. */
  pauseAt = 0;
  /** Whether the text ends without a newline, which was added to the piece. */
  isCutOff = false;
  private readonly pieces: TextPieces;

  constructor(readonly source: TextSource) {
    this.pieces = source.open();
  }

  /** Whether all characters of the piece are known to be ASCII. */
  get isAscii(): boolean {
    return this.pieces.isAscii;
  }

  /** Whether more of the text has to be fetched before it can be read on. */
  get needsMore(): boolean {
    return this.pieces.needsMore;
  }

  /** Why the text ends where it does, if that is not its real end. */
  get flaw(): Flaw | undefined {
    return this.pieces.flaw;
  }

  /** Whether another line can be read before it is time to pause. */
  get isGoingOn(): boolean {
    const { at } = this;
    return at < this.pauseAt && at < this.text.length && !this.needsMore;
  }

  /**
   * Goes on to the next piece, which repeats what was read of the open section.
   * False at the end of the text, and when more has to be fetched.
   */
  refill(): boolean {
    const { keepFrom } = this;
    const piece = this.pieces.next(keepFrom);
    if (piece === undefined) return false;
    this.isCutOff = piece !== '' && !piece.endsWith('\n');
    this.begin(this.isCutOff ? `${piece}\n` : piece, keepFrom);
    return true;
  }

  /**
   * Fetches more of the text, for `refill` to go on to. The stretch must be
   * empty, because the current piece is given up.
   */
  async fetch(): Promise<void> {
    const { keepFrom } = this;
    await this.pieces.fetch(keepFrom);
    this.begin('', keepFrom);
  }

  /**
   * Whether that stretch stands where the next line begins; undefined if the
   * piece is too short to tell.
   */
  hasStretch({ text, isAscii }: Stretch): boolean | undefined {
    if (isAscii && this.isAscii && this.pieces.hasAscii(text, this.at)) {
      return true;
    }
    return this.has(text, 0, text.length);
  }

  /**
   * Whether that part of a text stands where the next line begins; undefined if
   * the piece is too short to tell.
   */
  has(text: string, from: number, to: number): boolean | undefined {
    if (this.at >= this.text.length) return undefined;
    const end = this.at + to - from;
    const isWhole = end < this.text.length || this.pieces.isLast;
    const until = isWhole ? to : from + this.text.length - this.at;
    const here = this.text.slice(this.at, end);
    if (here !== text.slice(from, until)) return false;
    return isWhole ? true : undefined;
  }

  /**
   * Whether a section whose text ends there has really ended: at the end of the
   * text, or because a section header follows.
   */
  endsSection(at: number): boolean {
    const { text } = this;
    if (at < text.length) return text.charCodeAt(at) === leftBracketCode;
    if (at === text.length && this.pieces.isLast) return true;
    const line = this.pieces.lineAt(at);
    return line === '' || line.charCodeAt(0) === leftBracketCode;
  }

  /** From where on the piece is still needed. */
  private get keepFrom(): number {
    return this.section?.start ?? this.at;
  }

  private begin(text: string, keepFrom: number): void {
    this.text = text;
    this.scanner.text = text;
    this.at -= keepFrom;
    this.pauseAt -= keepFrom;
    if (this.section !== undefined) this.section.start = 0;
  }
}
