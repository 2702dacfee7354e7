import type { ConfSection } from '../sections/conf-section.js';
import {
  reuseSection,
  sectionsBetweenYields,
} from '../sections/reusing-sections.js';
import type { SlicedWork } from '../sections/sliced-work.js';
import { textContentOf } from '../sections/text-content.js';
import { Layout } from './layout.js';
import { stretchAt, type PlacedStretch } from './placed-stretch.js';
import type { Stretch } from './stretch.js';

/**
 * A layout that is like the one given, but has every section of the previous
 * one that says the same. Stretches with the same text are shared; sections of
 * others are moved into the text of the layout given. It is the previous layout
 * if nobody could tell the two apart, and the one given if nothing is shared
 * anew.
 */
export function* reusingLayout(
  layout: Layout,
  previous: Layout,
): SlicedWork<Layout> {
  if (layout.follows(previous)) return layout;
  const reused = yield* new LayoutReuse(layout, previous).run();
  return (yield* reused.comparingWith(previous)) ? previous : reused;
}

class LayoutReuse {
  /** Copied when the first section is replaced, which is never in most maps. */
  private sections: ConfSection[] | undefined;
  private readonly stretches: PlacedStretch[] = [];
  /** The previous sections that were moved into the text of this layout. */
  private readonly moved = new Set<ConfSection>();
  /** The stretches that they were in. */
  private readonly broken = new Set<Stretch>();
  /** The number of the previous stretch that probably comes next. */
  private next = 0;

  constructor(
    private readonly layout: Layout,
    private readonly previous: Layout,
  ) {}

  *run(): SlicedWork<Layout> {
    const { layout } = this;
    const { stretches, merged } = layout.locations;
    const { length } = layout.sections;
    let yieldAt = sectionsBetweenYields;
    for (let number = 0; number < stretches.length; number++) {
      const placed = stretches[number]!;
      const end = stretches[number + 1]?.place ?? length;
      const twin = this.twinOf(placed);
      if (twin === undefined) this.reuseOneByOne(placed, end);
      else this.reuseStretch(placed, twin);
      if (end < yieldAt) continue;
      yieldAt = end + sectionsBetweenYields;
      yield;
    }
    yield* this.leaveTexts();
    if (this.sections === undefined) return layout;
    const own = { stretches: this.stretches, merged };
    const { index, warnings, files } = layout;
    const { sections, previous } = this;
    return new Layout(sections, index, own, warnings, files, previous);
  }

  /** The previous stretch of the same text; undefined if there is none. */
  private twinOf({ isPlain, stretch }: PlacedStretch): Stretch | undefined {
    if (!isPlain) return undefined;
    const known = this.previousOf(stretch.sections[0]!);
    if (known?.isPlain !== true) return undefined;
    const twin = known.stretch;
    const isSame = twin.text === stretch.text && twin.isRest === stretch.isRest;
    return isSame ? twin : undefined;
  }

  private reuseStretch(placed: PlacedStretch, twin: Stretch): void {
    const isShared = placed.stretch === twin;
    this.stretches.push(isShared ? placed : { ...placed, stretch: twin });
    if (isShared) return;
    for (let i = 0; i < twin.sections.length; i++) {
      this.replace(placed.place + i, twin.sections[i]!);
    }
  }

  /** The previous stretch that begins with the section of that name. */
  private previousOf({ name }: ConfSection): PlacedStretch | undefined {
    const { stretches } = this.previous.locations;
    const begins = (): boolean =>
      stretches[this.next]?.stretch.sections[0]!.name === name;
    if (!begins()) {
      const place = this.previous.placeOf(name);
      if (place === undefined) return undefined;
      this.next = stretchAt(stretches, place);
      if (!begins()) return undefined;
    }
    return stretches[this.next++];
  }

  private reuseOneByOne(placed: PlacedStretch, end: number): void {
    const { place, isPlain, stretch } = placed;
    let isSame = true;
    for (let at = place; at < end; at++) {
      const section = this.layout.sections[at]!;
      const reused = this.reuse(section);
      if (reused === section) continue;
      isSame = false;
      this.replace(at, reused);
    }
    if (isSame || !isPlain) this.stretches.push(placed);
    else {
      const sections = this.sections!.slice(place, end);
      this.stretches.push({ ...placed, stretch: { ...stretch, sections } });
    }
  }

  private replace(place: number, section: ConfSection): void {
    this.sections ??= this.layout.sections.slice();
    this.sections[place] = section;
  }

  private reuse(section: ConfSection): ConfSection {
    const { sections, locations } = this.previous;
    const place = this.previous.placeOf(section.name);
    if (place === undefined) return section;
    const known = sections[place]!;
    const reused = reuseSection(section, known);
    if (reused === section) return section;
    const { stretches } = locations;
    this.moved.add(known);
    this.broken.add(stretches[stretchAt(stretches, place)]!.stretch);
    return known;
  }

  /**
   * Sections that are in no text of this map must not keep the text of another
   * one in memory.
   */
  private *leaveTexts(): SlicedWork<void> {
    let left = 0;
    for (const { sections } of this.broken) {
      for (const section of sections) {
        if (!this.moved.has(section)) textContentOf(section)?.leaveText();
      }
      left += sections.length;
      if (left < sectionsBetweenYields) continue;
      left = 0;
      yield;
    }
  }
}
