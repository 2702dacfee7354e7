import { BLANK, CLASS, DOT, END, LEFT_BRACKET } from './characters.js';
import { SectionCollector } from './collector.js';
import { Diagnosis } from './diagnosis.js';
import type { Feed } from './feed.js';
import type { Layout, Source } from './layout.js';
import type { ConfLimits } from './limits.js';
import { includePath, isIncludeLike, isOddHeader } from './lines.js';
import { ProblemList } from './problem.list.js';
import { RepeatFilter } from './repeat.filter.js';
import { LineScanner } from './scanner.js';
import type { Run } from './section.js';
import { detach } from './values.js';

/** An `.include` line: the path it names, and where it stands. */
export interface IncludeLine {
  readonly path: string;
  readonly source: Source;
  readonly line: number;
}

/** What a parser wants before it goes on: time for others, or the text of an included file. */
export type Step = 'slice' | 'done' | IncludeLine;

interface OpenSection {
  readonly name: string;
  start: number;
  readonly line: number;
  /** Where its first line of options begins, from start. */
  readonly body: number;
  options: number;
  repeats: boolean;
}

interface Frame {
  readonly source: Source;
  readonly feed: Feed;
  readonly scanner: LineScanner;
  /** A piece of the text, which ends in a newline. */
  text: string;
  /** The start of the line that is read next, and its number. */
  at: number;
  line: number;
  section: OpenSection | undefined;
  /** Whether the text ends without a newline, which the piece got nevertheless. */
  isCutOff: boolean;
}

/**
 * Reads the text of a configuration, pausing when it has used up its budget or needs an included file. It looks at
 * every character once, goes on after a mistake to find them all, and skips sections that are as they were before.
 */
export class ConfParser {
  readonly problems: ProblemList;
  readonly warnings: ProblemList;
  readonly #collector: SectionCollector;
  readonly #frames: Frame[] = [];
  readonly #repeats = new RepeatFilter();

  constructor(limits: ConfLimits, previous?: Layout) {
    this.#collector = new SectionCollector(previous);
    this.problems = new ProblemList(limits.problems);
    this.warnings = new ProblemList(limits.problems);
  }

  /** Begins with a text: the first one, or the one that the last step asked for. */
  enter(source: Source): void {
    this.#frames.push({
      source,
      feed: source.open(),
      scanner: new LineScanner(),
      text: '',
      at: 0,
      line: 1,
      section: undefined,
      isCutOff: false,
    });
  }

  /** Goes on for about that many characters. */
  advance(budget: number): Step {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return 'done';
    const stop = Math.min(frame.text.length, frame.at + budget);
    while (frame.at < stop) {
      const include = this.#readLine(frame, stop);
      if (include !== undefined) return include;
    }
    if (frame.at < frame.text.length || this.#refill(frame)) return 'slice';
    this.#leave(frame);
    return this.#frames.length === 0 ? 'done' : 'slice';
  }

  /** The texts that are being read, each included by the one before it. */
  get stack(): readonly Source[] {
    return this.#frames.map(({ source }) => source);
  }

  /** The layout of all that was read, to be asked for when there were no problems. */
  finish(files: readonly string[]): Layout {
    return this.#collector.finish(files, this.warnings);
  }

  /** Goes on to the next piece of the text; false at its end. */
  #refill(frame: Frame): boolean {
    const { section } = frame;
    const keepFrom = section?.start ?? frame.at;
    const piece = frame.feed.next(keepFrom);
    if (piece === undefined) return false;
    frame.isCutOff = piece !== '' && !piece.endsWith('\n');
    frame.text = frame.isCutOff ? `${piece}\n` : piece;
    frame.scanner.text = frame.text;
    frame.at -= keepFrom;
    if (section !== undefined) section.start = 0;
    return true;
  }

  #leave(frame: Frame): void {
    this.#closeSection(frame);
    this.#frames.pop();
    if (!frame.isCutOff) return;
    this.warnings.add(frame.source.path, {
      line: frame.line - 1,
      message: 'the last line does not end in a newline: is the file complete?',
    });
  }

  #readLine(frame: Frame, stop: number): IncludeLine | undefined {
    const { text } = frame;
    let at = frame.at;
    let code = text.charCodeAt(at);
    while ((CLASS[code]! & BLANK) !== 0) code = text.charCodeAt(++at);
    if ((CLASS[code]! & END) !== 0) {
      this.#next(frame, at, frame.scanner.tail(at));
    } else if (code === LEFT_BRACKET) {
      this.#readBracket(frame, at, stop);
    } else if (code === DOT) {
      return this.#readDot(frame, at);
    } else {
      this.#readOption(frame, at);
    }
    return undefined;
  }

  #readOption(frame: Frame, at: number): void {
    const { scanner, section } = frame;
    const end = scanner.option(at);
    if (end >= 0) {
      if (section === undefined) return this.#readStray(frame, at, end);
      section.options++;
      if (this.#repeats.add(scanner.nameHash)) section.repeats = true;
    }
    this.#next(frame, at, end);
  }

  // One message is enough for all options that stand before the first section.
  #readStray(frame: Frame, at: number, end: number): void {
    this.#report(frame, at, Diagnosis.strayOption);
    this.#openSection(frame, '', 0);
    this.#next(frame, at, end);
  }

  #readBracket(frame: Frame, at: number, stop: number): void {
    const { scanner, text } = frame;
    const end = scanner.header(at);
    if (end < 0) return this.#readOddBracket(frame, at);
    const { nameEnd } = scanner;
    this.#closeSection(frame);
    if (this.#takeUnchanged(frame, stop)) return;
    const name = detach(text.slice(at + 1, nameEnd));
    if (this.#collector.expect(name) && this.#takeUnchanged(frame, stop)) {
      return;
    }
    this.#openSection(frame, name, end + 1 - frame.at);
    this.#next(frame, at, end);
  }

  #readOddBracket(frame: Frame, at: number): void {
    const { scanner, text } = frame;
    const { failedAt, expected } = scanner;
    const name = isOddHeader(text, at);
    if (name === undefined && scanner.option(at) >= 0) {
      return this.#readOption(frame, at);
    }
    this.#report(frame, failedAt, Diagnosis.header(name, expected));
    this.#closeSection(frame);
    this.#openSection(frame, name ?? '', 0);
    this.#skip(frame, at);
  }

  #readDot(frame: Frame, at: number): IncludeLine | undefined {
    const { text, source, line } = frame;
    const path = includePath(text, at);
    if (path === undefined) {
      this.#readOddDot(frame, at);
      return undefined;
    }
    const name = frame.section?.name;
    this.#closeSection(frame);
    this.#next(frame, at, frame.scanner.tail(path.end));
    if (name !== undefined) this.#openSection(frame, name, 0);
    return { path: path.text, source, line };
  }

  #readOddDot(frame: Frame, at: number): void {
    const { scanner, text } = frame;
    if (scanner.option(at) >= 0 || !isIncludeLike(text, at)) {
      return this.#readOption(frame, at);
    }
    this.#report(frame, at, Diagnosis.include);
    this.#skip(frame, at);
  }

  /** Takes over as many sections as stand in the text as they stood before; the frame is at a section header. */
  #takeUnchanged(frame: Frame, stop: number): boolean {
    let taken = false;
    let run = this.#matches(frame, 0, frame.at);
    while (run !== undefined) {
      const end = frame.at + run.text.length;
      const next = end < stop ? this.#matches(frame, 1, end) : undefined;
      if (next === undefined && !endsSection(frame, end)) break;
      this.#collector.takeExpected(frame.source.path, frame.line);
      frame.at = end;
      frame.line += run.lineCount;
      taken = true;
      run = next;
    }
    return taken;
  }

  #matches(frame: Frame, ahead: number, at: number): Run | undefined {
    const run = this.#collector.expectedRun(ahead);
    if (run === undefined) return undefined;
    const found = frame.text.substring(at, at + run.text.length);
    return found === run.text ? run : undefined;
  }

  #openSection(frame: Frame, name: string, body: number): void {
    const { at: start, line } = frame;
    this.#repeats.clear();
    frame.section = { name, start, line, body, options: 0, repeats: false };
  }

  #closeSection(frame: Frame): void {
    const { section, text, source, at, line } = frame;
    frame.section = undefined;
    if (section === undefined || section.options === 0) return;
    // After a mistake there will be no map, and only text without mistakes may be collected.
    if (this.problems.count > 0) return;
    this.#collector.add(section.name, {
      text: detach(text.substring(section.start, at)),
      body: section.body,
      lineCount: line - section.line,
      repeats: section.repeats,
      path: source.path,
      line: section.line,
    });
  }

  /** Goes to the next line; end is the newline, or negative when the scanner found a mistake. */
  #next(frame: Frame, at: number, end: number): void {
    if (end < 0) {
      const { failedAt, expected } = frame.scanner;
      this.#report(frame, failedAt, Diagnosis.line(expected));
      return this.#skip(frame, at);
    }
    frame.at = end + 1;
    frame.line++;
  }

  #skip(frame: Frame, at: number): void {
    frame.at = frame.text.indexOf('\n', at) + 1;
    frame.line++;
  }

  #report(frame: Frame, at: number, diagnosis: Diagnosis): void {
    const { text, source, line, section } = frame;
    const { path, quotable } = source;
    const column = at - frame.at + 1;
    const message = diagnosis.explain(text, at, quotable);
    const place = { line, column, message };
    const name = section?.name;
    this.problems.add(path, name ? { ...place, section: name } : place);
  }
}

/** Whether a section's text that ends there cannot go on: at the end of the file or at a section header. */
function endsSection({ text, scanner, feed }: Frame, at: number): boolean {
  if (at === text.length) return feed.isLast;
  return text.charCodeAt(at) === LEFT_BRACKET && scanner.header(at) >= 0;
}
