import type { Layout } from '../layout/layout.js';
import { stretchAt, type PlacedStretch } from '../layout/placed-stretch.js';
import type { Stretch } from '../layout/stretch.js';
import { sameInOrder, type ConfSection } from '../sections/conf-section.js';

/** A section of the previous layout, and its text. */
export interface PreviousSection {
  readonly section: ConfSection;
  readonly text: string;
  readonly start: number;
  /** Where its options begin. */
  readonly body: number;
  readonly end: number;
  readonly lineCount: number;
}

/**
 * A place in the previous layout: what comes next in a text if the text is as
 * it was.
 */
export class PreviousCursor {
  private readonly stretches: readonly PlacedStretch[];
  private readonly broken = new Set<Stretch>();
  /** The number of the stretch. */
  private at = 0;
  /** The number of the section in the stretch. */
  private number = 0;

  constructor(private readonly previous: Layout | undefined) {
    this.stretches = previous?.locations.stretches ?? [];
  }

  /** The stretches of which some sections, but not all, were found again. */
  get brokenStretches(): Iterable<Stretch> {
    return this.broken;
  }

  /**
   * The stretch that begins with the expected section. It is never one without
   * a header, because those do not come where sections begin.
   */
  get stretch(): PlacedStretch | undefined {
    const placed = this.number === 0 ? this.stretches[this.at] : undefined;
    return placed?.stretch.isRest === true ? undefined : placed;
  }

  /** The expected section, if it can be taken over as it stands. */
  get section(): PreviousSection | undefined {
    const placed = this.stretches[this.at];
    if (placed === undefined || !placed.isPlain) return undefined;
    const { stretch } = placed;
    const { number } = this;
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

  /** Goes to the previous section of that name; undefined if there is none. */
  goTo(name: string): ConfSection | undefined {
    const expected = this.stretches[this.at];
    const next = expected?.stretch.sections[this.number];
    if (next?.name === name && expected?.isPlain === true) return next;
    const { previous } = this;
    const place = previous?.index.find(name, previous.sections);
    if (previous === undefined || place === undefined) return undefined;
    this.at = stretchAt(this.stretches, place);
    const { sections } = this.stretches[this.at]!.stretch;
    this.number = sections.findIndex((section) => section.name === name);
    return previous.sections[place];
  }

  /**
   * Goes behind the section with that name. Returns the previous section if it
   * says the same, and otherwise the one given.
   */
  identify(section: ConfSection): ConfSection {
    const before = this.goTo(section.name);
    if (before === undefined) return section;
    this.skipSection();
    return sameInOrder(before, section) ? before : section;
  }

  /** Goes on to the next section. */
  skipSection(): void {
    const { stretch } = this.stretches[this.at]!;
    this.broken.add(stretch);
    if (++this.number === stretch.sections.length) this.skipStretch();
  }

  /** Goes on to the next stretch. */
  skipStretch(): void {
    this.at++;
    this.number = 0;
  }
}
