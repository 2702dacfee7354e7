import { detach } from '../grammar/detach.js';
import { findOption, findOptions } from '../grammar/option-lines.js';
import { splitValues } from '../grammar/values.js';
import { positionIn, type ConfPosition } from '../problems/problem.js';
import { contentOf, type ConfSection } from './conf-section.js';
import {
  pickFrom,
  readingOptions,
  readOptions,
  type Options,
  type PickedOptions,
  type SectionContent,
} from './section-content.js';
import type { SlicedWork } from './sliced-work.js';

/**
 * Up to this length of its lines, looking for an option of a section in them
 * costs no more than keeping all options in memory. In characters.
 */
export const searchedLength = 1024;

/**
 * What a section says that was read from one place: lines in a text that it
 * shares with its neighbours. They may be moved to another text that says the
 * same.
 */
export class TextContent implements SectionContent {
  /** Kept if the lines are long, or if an option may occur twice in them. */
  private options: Options | undefined = undefined;

  /** The line is that of the section's header, counted from 1. */
  constructor(
    private readonly path: string | undefined,
    private readonly line: number,
    private text: string,
    private start: number,
    private end: number,
    repeats: boolean,
  ) {
    if (repeats) this.options = this.read();
  }

  get origin(): ConfPosition {
    return positionIn(this.path, this.line);
  }

  all(): Options {
    if (this.options !== undefined) return this.options;
    const options = this.read();
    if (this.end - this.start > searchedLength) this.options = options;
    return options;
  }

  copy(): Map<string, readonly string[]> {
    return this.options === undefined ? this.read() : new Map(this.options);
  }

  get(option: string): readonly string[] | undefined {
    const { text, start, end } = this;
    if (this.options !== undefined || end - start > searchedLength) {
      return this.all().get(option);
    }
    const found = findOption(text, start, end, option);
    return found === undefined ? undefined : splitValues(text, found);
  }

  pick(names: readonly string[]): PickedOptions {
    const { text, start, end } = this;
    if (this.options !== undefined || end - start > searchedLength) {
      return pickFrom(this.all(), names);
    }
    const starts = names.map((): number | undefined => undefined);
    const others = findOptions(text, start, end, names, starts);
    const values = starts.map((at) =>
      at === undefined ? undefined : splitValues(text, at),
    );
    return { values, others };
  }

  *reading(): SlicedWork<void> {
    const { text, start, end } = this;
    if (this.options !== undefined || end - start <= searchedLength) return;
    this.options = yield* readingOptions({ text, start, end });
  }

  isWrittenLike(other: SectionContent): boolean {
    return other instanceof TextContent && this.lines === other.lines;
  }

  private get lines(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Refers to other lines that say the same. */
  moveTo(text: string, start: number, end: number, repeats: boolean): void {
    this.text = text;
    this.start = start;
    this.end = end;
    if (repeats) this.options ??= this.read();
  }

  /** Refers to the lines of another content, which say the same. */
  moveToLinesOf(other: TextContent): void {
    this.moveTo(other.text, other.start, other.end, false);
    this.options ??= other.options;
  }

  /** Takes a copy of the lines, unless they are the whole text. */
  leaveText(): void {
    if (this.text.length === this.end - this.start) return;
    this.text = detach(this.lines);
    this.start = 0;
    this.end = this.text.length;
  }

  private read(): Map<string, readonly string[]> {
    const { text, start, end } = this;
    return readOptions([{ text, start, end }]);
  }
}

/** The lines of a section; undefined if it has none. */
export function textContentOf(section: ConfSection): TextContent | undefined {
  const content = contentOf(section);
  return content instanceof TextContent ? content : undefined;
}
