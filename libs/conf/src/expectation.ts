import type { Layout, Part } from './layout.js';
import { partAt } from './layout.js';
import { sameInOrder, type ConfSection } from './section.js';
import type { Stretch } from './stretch.js';

/** One section of a stretch, and its text. */
export interface ExpectedSection {
  readonly section: ConfSection;
  readonly text: string;
  readonly start: number;
  /** Where its first line of options begins. */
  readonly body: number;
  readonly end: number;
  readonly lineCount: number;
}

/**
 * What comes next in a text if it is as it was: the previous layout from some section on.
 */
export class Expectation {
  readonly #previous: Layout | undefined;
  readonly #parts: readonly Part[];
  readonly #broken = new Set<Stretch>();
  #part = 0;
  /** The number of the section in the part. */
  #section = 0;

  constructor(previous: Layout | undefined) {
    this.#previous = previous;
    this.#parts = previous?.places.parts ?? [];
  }

  /** The stretches of which single sections, and not all, were found again. */
  get broken(): Iterable<Stretch> {
    return this.#broken;
  }

  /** The part that begins with the expected section; one without a header never comes where sections begin. */
  get part(): Part | undefined {
    const part = this.#section === 0 ? this.#parts[this.#part] : undefined;
    return part?.stretch.isRest === true ? undefined : part;
  }

  /** The expected section, if it can be taken over as it stands. */
  get section(): ExpectedSection | undefined {
    const part = this.#parts[this.#part];
    if (part === undefined || !part.isPlain) return undefined;
    const { stretch } = part;
    const number = this.#section;
    if (stretch.isRest || stretch.repeats.includes(number)) return undefined;
    const { text, starts, lines } = stretch;
    const start = starts[number]!;
    return {
      section: stretch.sections[number]!,
      text,
      start,
      body: text.indexOf('\n', start) + 1,
      end: starts[number + 1] ?? text.length,
      lineCount: (lines[number + 1] ?? stretch.lineCount) - lines[number]!,
    };
  }

  /** Expects the previous section of that name, if there is one. */
  expect(name: string): ConfSection | undefined {
    const expected = this.#parts[this.#part];
    const next = expected?.stretch.sections[this.#section];
    if (next?.name === name && expected?.isPlain === true) return next;
    const previous = this.#previous;
    const place = previous?.index.find(name, previous.sections);
    if (previous === undefined || place === undefined) return undefined;
    const part = partAt(this.#parts, place);
    const { sections } = this.#parts[part]!.stretch;
    this.#part = part;
    this.#section = sections.findIndex((section) => section.name === name);
    return previous.sections[place];
  }

  /** The section that says the same as a section that was read: that of the previous layout, or else itself. */
  identify(section: ConfSection): ConfSection {
    const before = this.expect(section.name);
    if (before === undefined) return section;
    this.skipSection();
    return sameInOrder(before, section) ? before : section;
  }

  /** Goes on to the section after the expected one. */
  skipSection(): void {
    const stretch = this.#parts[this.#part]!.stretch;
    this.#broken.add(stretch);
    if (++this.#section === stretch.sections.length) this.skipPart();
  }

  /** Goes on to the part after the expected one. */
  skipPart(): void {
    this.#part++;
    this.#section = 0;
  }
}
