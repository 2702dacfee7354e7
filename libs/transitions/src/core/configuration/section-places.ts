import type { ConfMap, ConfSection } from '@nestjs-transitions/conf';

/**
 * Finds the places of sections that are mostly asked for in the order of the
 * configuration, where each costs no more than a comparison, and knows which
 * are taken: a section belongs to one group or volume.
 */
export class SectionPlaces {
  private readonly taken: Uint8Array;
  private next = 0;

  constructor(private readonly confMap: ConfMap) {
    this.taken = new Uint8Array(confMap.size);
  }

  /** The place of a section, which before may have been the given one; -1 if there is none. */
  find(prefix: string, name: string, before: ConfSection | undefined): number {
    const next = this.confMap.at(this.next);
    const isNext =
      next !== undefined &&
      (next === before || isNamed(next.name, prefix, name));
    const place = isNext ? this.next : this.confMap.indexOf(prefix + name);
    if (place >= 0) this.next = place + 1;
    return place;
  }

  /** Takes the section at a place; false if it is taken already. */
  take(place: number): boolean {
    if (this.taken[place] === 1) return false;
    this.taken[place] = 1;
    return true;
  }

  /**
   * Takes the sections of all records, if these are the next ones, one after the
   * other, and not taken yet. Returns the place of the first; -1 otherwise.
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

/** Whether a string is a prefix and a name, which need not be put together for that. */
function isNamed(whole: string, prefix: string, name: string): boolean {
  return (
    whole.length === prefix.length + name.length &&
    whole.endsWith(name) &&
    whole.startsWith(prefix)
  );
}
