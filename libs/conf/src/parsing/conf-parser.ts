import {
  blank,
  classesOf,
  contentEnd,
  dotCode,
  leftBracketCode,
} from '../grammar/characters.js';
import { cut } from '../grammar/detach.js';
import { Diagnosis } from '../grammar/diagnosis.js';
import { includePath, isIncludeLike } from '../grammar/include-line.js';
import type { Layout } from '../layout/layout.js';
import { ProblemList } from '../problems/problem-list.js';
import type { TextSource } from '../text/text-source.js';
import type { ConfLimits } from '../problems/conf-limits.js';
import type { IncludeLine, ParserStop } from './parser-stop.js';
import { RepeatFilter } from './repeat-filter.js';
import { SectionReuse } from './section-reuse.js';
import { TextReader } from './text-reader.js';

// How parsing works. A TextReader hands out the text in pieces that end with a
// line. The parser goes through them line by line: a LineScanner checks that a
// line is well-formed, and nothing is cut out of it. A section is not more than
// the offsets of its lines; values are cut out when somebody asks for them.
// Sections that follow one another become a stretch with a copy of their text,
// and all stretches, with repeated sections merged, become the Layout. With a
// previous layout, SectionReuse looks at each section header whether the text
// goes on as it did before. If it does, whole stretches, or else single
// sections, are taken over after one comparison, and the scanner never sees
// them. That is what makes a reload fast. The parser does no I/O. `advance`
// stops when it has used up its budget, when it needs more of the text, and at
// an `.include` line: the included text gets a TextReader of its own, on top of
// the one that includes it.

/**
 * Parses a configuration. It looks at every character once at most, and goes on
 * after a mistake, to find them all.
 */
export class ConfParser {
  readonly problems: ProblemList;
  readonly warnings: ProblemList;
  private readonly sections: SectionReuse;
  private readonly readers: TextReader[] = [];
  private readonly repeats = new RepeatFilter();

  constructor(limits: ConfLimits, previous?: Layout) {
    this.sections = new SectionReuse(previous);
    this.problems = new ProblemList(limits.problems);
    this.warnings = new ProblemList(limits.problems);
  }

  /** Begins with a text: the first one, or one that is included. */
  enter(source: TextSource): void {
    this.readers.push(new TextReader(source));
  }

  /** Goes on for about that many characters; returns why it has stopped. */
  advance(budget: number): ParserStop {
    const reader = this.readers.at(-1);
    if (reader === undefined) return 'done';
    reader.pauseAt = reader.at + budget;
    while (reader.isGoingOn) {
      const include = this.readLine(reader);
      if (include !== undefined) return include;
    }
    if (reader.needsMore) return 'needsMore';
    if (reader.at < reader.text.length || this.refill(reader)) return 'pause';
    if (reader.needsMore) return 'needsMore';
    this.leave(reader);
    return this.readers.length === 0 ? 'done' : 'pause';
  }

  /** Fetches more of the text, after a stop at `needsMore`. */
  async fetch(): Promise<void> {
    const reader = this.readers.at(-1);
    if (reader === undefined) return;
    this.sections.closeStretch(reader);
    await reader.fetch();
  }

  /** The texts that are being read, each included by the one before it. */
  get stack(): readonly TextSource[] {
    return this.readers.map(({ source }) => source);
  }

  /**
   * The layout of all that was read. Ask for it only if there is no problem.
   */
  finish(files: readonly string[]): Layout {
    return this.sections.finish(files, this.warnings);
  }

  /** Goes on to the next piece of the text; false if there is none yet. */
  private refill(reader: TextReader): boolean {
    this.sections.closeStretch(reader);
    return reader.refill();
  }

  private leave(reader: TextReader): void {
    const { flaw, source, line } = reader;
    if (flaw !== undefined) {
      const { column, message } = flaw;
      const place = column === undefined ? { line } : { line, column };
      this.problems.add(source.path, { ...place, message });
    }
    this.closeSection(reader);
    this.sections.closeStretch(reader);
    this.readers.pop();
    if (!reader.isCutOff) return;
    const [list, what] = source.mustBeComplete
      ? [this.problems, 'file']
      : [this.warnings, 'text'];
    const message = `expected a newline at the end of the last line: is the ${what} complete?`;
    list.add(source.path, { line: line - 1, message });
  }

  private readLine(reader: TextReader): IncludeLine | undefined {
    const { text } = reader;
    let at = reader.at;
    let code = text.charCodeAt(at);
    while ((classesOf[code]! & blank) !== 0) code = text.charCodeAt(++at);
    if ((classesOf[code]! & contentEnd) !== 0) {
      this.next(reader, at, reader.scanner.tail(at));
    } else if (code === leftBracketCode) {
      this.readBracket(reader, at);
    } else if (code === dotCode) {
      return this.readDot(reader, at);
    } else {
      this.readOption(reader, at);
    }
    return undefined;
  }

  private readOption(reader: TextReader, at: number): void {
    const { scanner, section } = reader;
    const end = scanner.option(at);
    if (end >= 0) {
      if (section === undefined) return this.readStray(reader, at, end);
      section.options++;
      if (this.repeats.add(scanner.nameHash)) section.repeats = true;
    }
    this.next(reader, at, end);
  }

  // One message is enough for all options before the first section.
  private readStray(reader: TextReader, at: number, end: number): void {
    this.report(reader, at, Diagnosis.strayOption);
    this.openSection(reader, '', 0);
    this.next(reader, at, end);
  }

  private readBracket(reader: TextReader, at: number): void {
    const { scanner, text } = reader;
    const end = scanner.header(at);
    if (end < 0) return this.readMalformedHeader(reader, at);
    const { nameEnd } = scanner;
    this.closeSection(reader);
    if (this.sections.takeUnchanged(reader)) return;
    const name = cut(text, at + 1, nameEnd);
    if (this.sections.takeNamed(reader, name)) return;
    this.openSection(reader, name, end + 1 - reader.at);
    this.next(reader, at, end);
  }

  private readMalformedHeader(reader: TextReader, at: number): void {
    const { failedAt, expected } = reader.scanner;
    this.report(reader, failedAt, Diagnosis.header(at, expected));
    this.closeSection(reader);
    this.openSection(reader, '', 0);
    this.skip(reader, at);
  }

  private readDot(reader: TextReader, at: number): IncludeLine | undefined {
    const { text, source, line } = reader;
    const path = includePath(text, at);
    if (path === undefined) {
      this.readMalformedInclude(reader, at);
      return undefined;
    }
    const name = reader.section?.name;
    this.closeSection(reader);
    this.sections.closeStretch(reader);
    this.next(reader, at, reader.scanner.tail(path.end));
    if (name !== undefined) this.openSection(reader, name, 0);
    return { path: path.text, source, line };
  }

  private readMalformedInclude(reader: TextReader, at: number): void {
    const { scanner, text } = reader;
    if (scanner.option(at) >= 0 || !isIncludeLike(text, at)) {
      return this.readOption(reader, at);
    }
    this.report(reader, at, Diagnosis.include);
    this.skip(reader, at);
  }

  private openSection(reader: TextReader, name: string, header: number): void {
    const { at: start, line } = reader;
    this.repeats.clear();
    reader.section = { name, start, line, header, options: 0, repeats: false };
  }

  private closeSection(reader: TextReader): void {
    const { section } = reader;
    reader.section = undefined;
    if (section === undefined || section.options === 0) return;
    // After a mistake there will be no map, and only text without mistakes may
    // become part of a stretch.
    if (this.problems.count === 0) this.sections.add(reader, section);
  }

  /**
   * Goes to the next line; `end` is the newline, or negative when the scanner
   * found a mistake.
   */
  private next(reader: TextReader, at: number, end: number): void {
    if (end < 0) {
      const { failedAt, expected } = reader.scanner;
      this.report(reader, failedAt, Diagnosis.line(expected));
      return this.skip(reader, at);
    }
    reader.at = end + 1;
    reader.line++;
  }

  private skip(reader: TextReader, at: number): void {
    reader.at = reader.text.indexOf('\n', at) + 1;
    reader.line++;
  }

  private report(reader: TextReader, at: number, diagnosis: Diagnosis): void {
    const { text, source, line, section } = reader;
    const { path, quotable } = source;
    const column = at - reader.at + 1;
    const message = diagnosis.explain(text, at, quotable);
    const place = { line, column, message };
    const name = section?.name;
    this.problems.add(path, name ? { ...place, section: name } : place);
  }
}
