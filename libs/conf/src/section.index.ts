/** How many numbers of names that are gone are kept, beside as many as there are sections. */
const SPARE = 1024;

/**
 * The places of the sections of one map by their names. Names have numbers, and maps that were read one after the other
 * share those: to hash 100,000 names anew for each would hold the event loop for long. Numbers are only ever added.
 */
export class SectionIndex {
  readonly #numbers: Map<string, number>;
  /** By number: the place of the section, plus one; zero or nothing where the map has no such section. */
  readonly #places: number[];

  /** An index without sections, with the numbers of another one. */
  constructor(previous?: SectionIndex) {
    if (previous === undefined) {
      this.#numbers = new Map();
      this.#places = [];
    } else {
      this.#numbers = previous.#numbers;
      this.#places = previous.#places.slice().fill(0);
    }
  }

  /** The index of sections with these names, each of which occurs once. */
  static of(sections: readonly { readonly name: string }[]): SectionIndex {
    const index = new SectionIndex();
    sections.forEach(({ name }, place) => index.claim(name, place));
    return index;
  }

  /** The place of the section of that name. */
  find(name: string): number | undefined {
    const number = this.#numbers.get(name);
    return number === undefined ? undefined : this.#placeOf(number);
  }

  #placeOf(number: number): number | undefined {
    const place = this.#places[number] ?? 0;
    return place === 0 ? undefined : place - 1;
  }

  /** Puts the section of that name at a place, unless it has one: then that is returned. */
  claim(name: string, place: number): number | undefined {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
    } else {
      const taken = this.#placeOf(number);
      if (taken !== undefined) return taken;
    }
    this.#places[number] = place + 1;
    return undefined;
  }

  /**
   * Puts the sections with so many of these numbers at places in a row, unless one of them has a place: then it puts
   * none and returns false.
   */
  putAll(
    numbers: Int32Array,
    from: number,
    count: number,
    place: number,
  ): boolean {
    const places = this.#places;
    for (let i = from; i < from + count; i++) {
      if (places[numbers[i]!] !== 0) return false;
    }
    for (let i = 0; i < count; i++) places[numbers[from + i]!] = place + i + 1;
    return true;
  }

  /** The numbers of so many sections, by place. */
  numbersByPlace(count: number): Int32Array {
    const numbers = new Int32Array(count);
    for (let number = 0; number < this.#places.length; number++) {
      const place = this.#placeOf(number);
      if (place !== undefined) numbers[place] = number;
    }
    return numbers;
  }

  /** Whether most names are those of sections that are gone, so that it is time to begin anew. */
  isOutgrown(sections: number): boolean {
    return this.#numbers.size > 2 * sections + SPARE;
  }
}
