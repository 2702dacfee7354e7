import { BLANK, CLASS, DOT, END, LEFT_BRACKET } from './characters.js';
import { Diagnosis } from './diagnosis.js';
import { Frame } from './frame.js';
import { SectionGatherer } from './gatherer.js';
import type { Layout } from './layout.js';
import type { ConfLimits } from './limits.js';
import { includePath, isIncludeLike, isOddHeader } from './lines.js';
import { ProblemList } from './problem.list.js';
import { RepeatFilter } from './repeat.filter.js';
import type { Source } from './source.js';
import { cut } from './values.js';

/** An `.include` line: the path it names, and where it stands. */
export interface IncludeLine {
  readonly path: string;
  readonly source: Source;
  readonly line: number;
}

/** What a parser wants before it goes on: time for others, more of the text, or the text of an included file. */
export type Step = 'slice' | 'hungry' | 'done' | IncludeLine;

/**
 * Reads the text of a configuration, pausing when it has used up its budget or needs an included file. It looks at
 * every character once, goes on after a mistake to find them all, and skips sections that are as they were before.
 */
export class ConfParser {
  readonly problems: ProblemList;
  readonly warnings: ProblemList;
  readonly #gatherer: SectionGatherer;
  readonly #frames: Frame[] = [];
  readonly #repeats = new RepeatFilter();

  constructor(limits: ConfLimits, previous?: Layout) {
    this.#gatherer = new SectionGatherer(previous);
    this.problems = new ProblemList(limits.problems);
    this.warnings = new ProblemList(limits.problems);
  }

  /** Begins with a text: the first one, or the one that the last step asked for. */
  enter(source: Source): void {
    this.#frames.push(new Frame(source));
  }

  /** Goes on for about that many characters. */
  advance(budget: number): Step {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return 'done';
    frame.stop = frame.at + budget;
    while (frame.isGoingOn) {
      const include = this.#readLine(frame);
      if (include !== undefined) return include;
    }
    if (frame.isHungry) return 'hungry';
    if (frame.at < frame.text.length || this.#refill(frame)) return 'slice';
    if (frame.isHungry) return 'hungry';
    this.#leave(frame);
    return this.#frames.length === 0 ? 'done' : 'slice';
  }

  /** Fetches more of the text, as the last step asked for. */
  async fetch(): Promise<void> {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    this.#gatherer.closeStretch(frame);
    await frame.fetch();
  }

  /** The texts that are being read, each included by the one before it. */
  get stack(): readonly Source[] {
    return this.#frames.map(({ source }) => source);
  }

  /** The layout of all that was read, to be asked for when there were no problems. */
  finish(files: readonly string[]): Layout {
    return this.#gatherer.finish(files, this.warnings);
  }

  /** Goes on to the next piece of the text; false at its end. */
  #refill(frame: Frame): boolean {
    this.#gatherer.closeStretch(frame);
    return frame.refill();
  }

  #leave(frame: Frame): void {
    const { flaw, source, line } = frame;
    if (flaw !== undefined) {
      const { column, message } = flaw;
      const place = column === undefined ? { line } : { line, column };
      this.problems.add(source.path, { ...place, message });
    }
    this.#closeSection(frame);
    this.#gatherer.closeStretch(frame);
    this.#frames.pop();
    if (!frame.isCutOff) return;
    this.warnings.add(frame.source.path, {
      line: frame.line - 1,
      message: 'the last line does not end in a newline: is the file complete?',
    });
  }

  #readLine(frame: Frame): IncludeLine | undefined {
    const { text } = frame;
    let at = frame.at;
    let code = text.charCodeAt(at);
    while ((CLASS[code]! & BLANK) !== 0) code = text.charCodeAt(++at);
    if ((CLASS[code]! & END) !== 0) {
      this.#next(frame, at, frame.scanner.tail(at));
    } else if (code === LEFT_BRACKET) {
      this.#readBracket(frame, at);
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

  #readBracket(frame: Frame, at: number): void {
    const { scanner, text } = frame;
    const end = scanner.header(at);
    if (end < 0) return this.#readOddBracket(frame, at);
    const { nameEnd } = scanner;
    this.#closeSection(frame);
    if (this.#gatherer.takeUnchanged(frame)) return;
    const name = cut(text, at + 1, nameEnd);
    if (this.#gatherer.takeNamed(frame, name)) return;
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
    this.#gatherer.closeStretch(frame);
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

  #openSection(frame: Frame, name: string, header: number): void {
    const { at: start, line } = frame;
    this.#repeats.clear();
    frame.section = { name, start, line, header, options: 0, repeats: false };
  }

  #closeSection(frame: Frame): void {
    const { section } = frame;
    frame.section = undefined;
    if (section === undefined || section.options === 0) return;
    // After a mistake there will be no map, and only text without mistakes may be gathered.
    if (this.problems.count === 0) this.#gatherer.add(frame, section);
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
