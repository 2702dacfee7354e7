/** Sections by place: a list of them, or what will be one. */
export interface Places {
  at(place: number): { readonly name: string } | undefined;
}

/** How many places a new index has room for; it doubles where that is too few. */
const FEW = 16;

// Odd, and another one in each process: nobody can write a configuration whose names all meet in one slot.
const MULTIPLIER = 1 | (2 ** 32 * Math.random());
// Spreads what the low bits of hashes tell over the high ones (2^32 divided by the golden ratio).
const SPREAD = 0x9e3779b1;

/**
 * The places of sections by their names: a hash table of numbers, which holds no names. Places are given in order,
 * from 0 on. The hash of a name is worked out once: an index of the next map takes over those of the map before, for
 * to hash 100,000 names anew would hold the event loop for long.
 */
export class SectionIndex {
  /** By place. */
  #hashes = new Int32Array(FEW);
  #count = 0;
  /** Places, plus one, at the slots that their hashes give them or, where those are taken, behind; 0 is free. */
  #slots = new Int32Array(2 * FEW);
  /** How far a hash is shifted so that what is left of it is a slot. */
  #shift = 32 - Math.log2(2 * FEW);

  /** With room for so many places. */
  constructor(room = 0) {
    this.#makeRoom(room);
  }

  /** The index of sections with these names, each of which occurs once. */
  static of(sections: readonly { readonly name: string }[]): SectionIndex {
    const index = new SectionIndex(sections.length);
    for (const { name } of sections) index.#add(hashOf(name));
    return index;
  }

  /** The hashes of the names, by place. */
  get hashes(): ArrayLike<number> {
    return this.#hashes;
  }

  /** The place of the section of that name; undefined if there is none. */
  find(name: string, places: Places): number | undefined {
    return this.#find(hashOf(name), name, places);
  }

  /** Gives the next place to the section of that name, unless it has one: then that is returned. */
  claim(name: string, places: Places): number | undefined {
    const hash = hashOf(name);
    const taken = this.#find(hash, name, places);
    if (taken === undefined) {
      this.#makeRoom(1);
      this.#add(hash);
    }
    return taken;
  }

  /**
   * Gives the next places to sections whose names have these hashes, one after the other up to the first whose name may
   * have a place already; returns to how many. Done in a row, for each of a million places is a wait for memory, and the
   * processor waits for several at once.
   */
  claimRow(hashes: ArrayLike<number>, from: number, to: number): number {
    this.#makeRoom(to - from);
    for (let at = from; at < to; at++) {
      const hash = hashes[at]!;
      if (this.#has(hash)) return at - from;
      this.#add(hash);
    }
    return to - from;
  }

  #find(hash: number, name: string, places: Places): number | undefined {
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & last) {
      const place = slots[slot]! - 1;
      if (place < 0) return undefined;
      if (this.#hashes[place] !== hash) continue;
      if (places.at(place)?.name === name) return place;
    }
  }

  #has(hash: number): boolean {
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & last) {
      const place = slots[slot]! - 1;
      if (place < 0) return false;
      if (this.#hashes[place] === hash) return true;
    }
  }

  #add(hash: number): void {
    this.#hashes[this.#count] = hash;
    this.#count++;
    this.#enter(hash, this.#count);
  }

  #enter(hash: number, placePlusOne: number): void {
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = this.#slotOf(hash);
    while (slots[slot] !== 0) slot = (slot + 1) & last;
    slots[slot] = placePlusOne;
  }

  #slotOf(hash: number): number {
    return Math.imul(hash, SPREAD) >>> this.#shift;
  }

  /** Makes room for so many more places; half of the slots stay free. */
  #makeRoom(more: number): void {
    const needed = this.#count + more;
    let room = this.#hashes.length;
    if (needed <= room) return;
    while (room < needed) {
      room *= 2;
      this.#shift--;
    }
    const hashes = new Int32Array(room);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Int32Array(2 * room);
    for (let place = 0; place < this.#count; place++) {
      this.#enter(hashes[place]!, place + 1);
    }
  }
}

/** What a name is found by, in the index of this process. */
export function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), MULTIPLIER);
    hash ^= hash >>> 15;
  }
  return hash;
}
