import { LayoutBuilder } from '../layout/layout-builder.js';
import type { Layout } from '../layout/layout.js';
import {
  greatLength,
  shortLength,
  type PendingMove,
  type SectionSpan,
} from '../layout/stretch-builder.js';
import type { ProblemList } from '../problems/problem-list.js';
import { makeSection, type ConfSection } from '../sections/conf-section.js';
import { TextContent, textContentOf } from '../sections/text-content.js';
import { PreviousCursor } from './previous-cursor.js';
import type { OpenSection, TextReader } from './text-reader.js';

/**
 * Collects the sections that a parser reads into stretches, and takes over from
 * the previous layout what is the same as before.
 */
export class SectionReuse {
  private readonly previous: PreviousCursor;
  private readonly layout: LayoutBuilder;
  private readonly pending: PendingMove[] = [];

  constructor(previous: Layout | undefined) {
    this.previous = new PreviousCursor(previous);
    this.layout = new LayoutBuilder(previous);
  }

  /**
   * Takes over as much as is the same as before, from the section header on at
   * which the reader is. Says whether the reader has moved or needs more.
   */
  takeUnchanged(reader: TextReader): boolean {
    let taken = false;
    while (this.takeStretch(reader) || this.takeSection(reader)) {
      taken = true;
      if (reader.at >= reader.pauseAt) break;
    }
    return taken || reader.needsMore;
  }

  /** The same, where the header is of that section and not the expected one. */
  takeNamed(reader: TextReader, name: string): boolean {
    return this.previous.goTo(name) !== undefined && this.takeUnchanged(reader);
  }

  /** Adds a section that was read up to where the reader is. */
  add(reader: TextReader, open: OpenSection): void {
    const { text, at: end, source } = reader;
    const { name, start, line, repeats } = open;
    const body = start + open.header;
    const { path } = source;
    const content = new TextContent(path, line, text, body, end, repeats);
    const made = makeSection(name, content);
    const section = this.previous.identify(made);
    const isKnown = section !== made;
    const lineCount = reader.line - line;
    const span = { start, body, end, line, lineCount, repeats, isKnown };
    this.addSpan(reader, section, span);
  }

  /**
   * Ends the stretch of the sections that are in the reader's piece of text.
   */
  closeStretch(reader: TextReader): void {
    const { stretch, text, source } = reader;
    if (stretch.length === 0) return;
    const { line, hashes } = stretch;
    const built = stretch.build(text, reader.isAscii, this.pending);
    this.layout.add(built, hashes, source.path, line);
  }

  /** The layout of all sections; adds warnings about repeated options. */
  finish(files: readonly string[], warnings: ProblemList): Layout {
    const moved = new Set<ConfSection>();
    for (const { section, text, start, end, repeats } of this.pending) {
      textContentOf(section)?.moveTo(text, start, end, repeats);
      moved.add(section);
    }
    // Sections that are in no text of this map must not keep the text of
    // another one in memory.
    for (const { sections } of this.previous.brokenStretches) {
      for (const section of sections) {
        if (!moved.has(section)) textContentOf(section)?.leaveText();
      }
    }
    return this.layout.finish(files, warnings);
  }

  private takeStretch(reader: TextReader): boolean {
    const expected = this.previous.stretch;
    if (expected === undefined) return false;
    const { text, lineCount } = expected.stretch;
    const { length } = reader.stretch;
    const isShort = length > 0 && length < shortLength;
    if (isShort && text.length < greatLength) return false;
    const found = reader.hasStretch(expected.stretch);
    if (reader.needsMore) return false;
    if (found === undefined) {
      this.closeStretch(reader);
      return reader.refill();
    }
    const end = reader.at + text.length;
    if (!found || !reader.endsSection(end)) return false;
    this.closeStretch(reader);
    this.layout.takeOver(expected, reader.source.path, reader.line);
    this.previous.skipStretch();
    reader.at = end;
    reader.line += lineCount;
    return true;
  }

  private takeSection(reader: TextReader): boolean {
    const expected = this.previous.section;
    if (expected === undefined || reader.needsMore) return false;
    const { section, text, start, body, lineCount } = expected;
    const { at, line } = reader;
    const end = at + expected.end - start;
    if (reader.has(text, start, expected.end) !== true) return false;
    if (!reader.endsSection(end)) return false;
    const span = { start: at, body: at + body - start, end, line, lineCount };
    this.addSpan(reader, section, { ...span, repeats: false, isKnown: true });
    this.previous.skipSection();
    reader.at = end;
    reader.line += lineCount;
    return true;
  }

  private addSpan(
    reader: TextReader,
    section: ConfSection,
    span: SectionSpan,
  ): void {
    const { stretch } = reader;
    const isRest = span.body === span.start;
    if (isRest || !stretch.isFollowedBy(span.start)) this.closeStretch(reader);
    stretch.add(section, span);
    if (isRest || stretch.isComplete) this.closeStretch(reader);
  }
}
