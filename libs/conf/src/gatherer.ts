import { SectionCollector } from './collector.js';
import { Expectation } from './expectation.js';
import type { Frame, OpenSection } from './frame.js';
import type { Layout } from './layout.js';
import type { ProblemList } from './problem.list.js';
import {
  leaveText,
  makeSection,
  moveSection,
  type ConfSection,
} from './section.js';
import type { Move, SectionPlace } from './stretch.js';

/** How long a stretch becomes: shorter ones stay as they are more often, longer ones are fewer to compare. */
const STRETCH = 4 * 1024;
/** Up to this length a stretch takes in the sections of the next one, so that they do not become ever smaller. */
const CRUMB = 1024;

/** Gathers the sections of texts into stretches, and takes over what stands as it stood before. */
export class SectionGatherer {
  readonly #expectation: Expectation;
  readonly #collector: SectionCollector;
  readonly #moves: Move[] = [];

  constructor(previous: Layout | undefined) {
    this.#expectation = new Expectation(previous);
    this.#collector = new SectionCollector(previous);
  }

  /**
   * Takes over as much as stands in the text as it stood before; the frame is at a section header. Says whether the
   * frame has moved or is hungry.
   */
  takeUnchanged(frame: Frame): boolean {
    let taken = false;
    while (this.#takePart(frame) || this.#takeSection(frame)) {
      taken = true;
      if (frame.at >= frame.stop) break;
    }
    return taken || frame.isHungry;
  }

  /** The same, where the section of that name stands in the text; another one was expected. */
  takeNamed(frame: Frame, name: string): boolean {
    return (
      this.#expectation.expect(name) !== undefined && this.takeUnchanged(frame)
    );
  }

  /** Adds a section that was read up to where the frame is. */
  add(frame: Frame, open: OpenSection): void {
    const { text, at: end } = frame;
    const { name, start, line, repeats } = open;
    const body = start + open.header;
    const { path } = frame.source;
    const read = { text, start: body, end, repeats, path, line };
    const made = makeSection(name, read);
    const section = this.#expectation.identify(made);
    const isKnown = section !== made;
    const lineCount = frame.line - line;
    const place = { start, body, end, line, lineCount, repeats, isKnown };
    this.#add(frame, section, place);
  }

  /** Ends the stretch of the sections that stand in the frame's piece of text. */
  closeStretch(frame: Frame): void {
    const { stretch, text, source } = frame;
    if (stretch.length === 0) return;
    const { line } = stretch;
    const built = stretch.build(text, frame.isAscii, this.#moves);
    this.#collector.add(built, source.path, line);
  }

  /** The layout of all sections; adds warnings about repeated options to those given. */
  finish(files: readonly string[], warnings: ProblemList): Layout {
    const moved = new Set<ConfSection>();
    for (const move of this.#moves) {
      moveSection(move.section, move);
      moved.add(move.section);
    }
    // What is in no text of this map shall keep no text of another one in memory.
    for (const { sections } of this.#expectation.broken) {
      for (const section of sections) {
        if (!moved.has(section)) leaveText(section);
      }
    }
    return this.#collector.finish(files, warnings);
  }

  #takePart(frame: Frame): boolean {
    const { part } = this.#expectation;
    if (part === undefined) return false;
    const { text, lineCount } = part.stretch;
    const { length } = frame.stretch;
    if (length > 0 && length < CRUMB && text.length < 2 * STRETCH) return false;
    const found = frame.hasStretch(part.stretch);
    if (frame.isHungry) return false;
    if (found === undefined) {
      this.closeStretch(frame);
      return frame.refill();
    }
    const end = frame.at + text.length;
    if (!found || !frame.endsSection(end)) return false;
    this.closeStretch(frame);
    this.#collector.takeOver(part, frame.source.path, frame.line);
    this.#expectation.skipPart();
    frame.at = end;
    frame.line += lineCount;
    return true;
  }

  #takeSection(frame: Frame): boolean {
    const expected = this.#expectation.section;
    if (expected === undefined || frame.isHungry) return false;
    const { section, text, start, body, lineCount } = expected;
    const { at, line } = frame;
    const end = at + expected.end - start;
    if (frame.has(text, start, expected.end) !== true) return false;
    if (!frame.endsSection(end)) return false;
    const place = { start: at, body: at + body - start, end, line, lineCount };
    this.#add(frame, section, { ...place, repeats: false, isKnown: true });
    this.#expectation.skipSection();
    frame.at = end;
    frame.line += lineCount;
    return true;
  }

  #add(frame: Frame, section: ConfSection, place: SectionPlace): void {
    const { stretch } = frame;
    const isRest = place.body === place.start;
    if (isRest || !stretch.isFollowedBy(place.start)) this.closeStretch(frame);
    stretch.add(section, place);
    if (isRest || stretch.length >= STRETCH) this.closeStretch(frame);
  }
}
