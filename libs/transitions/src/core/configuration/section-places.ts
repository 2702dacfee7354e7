import type { ConfMap, ConfSection } from '@nestjs-transitions/conf';

/**
 * Finds the places of sections, and knows which sections are taken: a section
 * belongs to one group or volume. Sections are mostly asked for in the order of
 * the configuration; then each costs only a comparison.
 */
export class SectionPlaces {
  private readonly taken: Uint8Array;
  private next = 0;

  constructor(private readonly confMap: ConfMap) {
    this.taken = new Uint8Array(confMap.size);
  }

  /**
   * The place of a section; -1 if there is none. `before` is what that section
   * was in the configuration before.
   */
  find(prefix: string, name: string, before: ConfSection | undefined): number {
    const next = this.confMap.at(this.next);
    const isNext =
      next !== undefined &&
      (next === before || isNamed(next.name, prefix, name));
    const place = isNext ? this.next : this.confMap.indexOf(prefix + name);
    if (place >= 0) this.next = place + 1;
    return place;
  }

  /** Takes the section at a place. False if it is taken already. */
  take(place: number): boolean {
    if (this.taken[place] === 1) return false;
    this.taken[place] = 1;
    return true;
  }

  /**
   * Takes the sections of all records, if they are exactly the next ones and
   * not taken yet. Returns the place of the first, or -1.
   */
  takeNext(
    records: readonly { readonly section: ConfSection | undefined }[],
  ): number {
    const { next, confMap, taken } = this;
    const areNext = records.every(
      ({ section }, at) =>
        section !== undefined &&
        section === confMap.at(next + at) &&
        taken[next + at] === 0,
    );
    if (!areNext) return -1;
    this.next += records.length;
    taken.fill(1, next, this.next);
    return next;
  }

  /** The sections that are not taken, in their order. */
  *untaken(): Generator<ConfSection> {
    let place = this.taken.indexOf(0);
    while (place >= 0) {
      yield this.confMap.at(place)!;
      place = this.taken.indexOf(0, place + 1);
    }
  }
}

/**
 * Whether a string is a prefix followed by a name. Does not build that string.
 */
function isNamed(whole: string, prefix: string, name: string): boolean {
  return (
    whole.length === prefix.length + name.length &&
    whole.endsWith(name) &&
    whole.startsWith(prefix)
  );
}
