import { doAtOnce, type SlicedWork } from './sliced-work.js';

/** Sections by place: a list of them, or what will become one. */
export interface SectionsByPlace {
  at(place: number): { readonly name: string } | undefined;
}

/** How many names are hashed between two yields. */
const namesBetweenYields = 1024;

/** How many places a new index has room for; the room doubles when needed. */
const firstRoom = 16;

// Odd, and different in each process: nobody can write a configuration whose
// names all meet in one slot.
const multiplier = 1 | (2 ** 32 * Math.random());
// Carries what distinguishes the low bits of hashes into the high ones (2^32
// divided by the golden ratio).
const spread = 0x9e3779b1;

/**
 * The places of sections by their names: a hash table of numbers, which holds
 * no names. Places are given in order, from 0 on. The hash of a name is
 * computed once: the index of the next map takes over the hashes of the map
 * before, because hashing 100,000 names anew would hold the event loop for
 * long.
 */
export class SectionIndex {
  /** The hashes of the names. */
  private byPlace = new Int32Array(firstRoom);
  private count = 0;
  /**
   * The places, plus one, at the slots that their hashes give them or, where
   * those are taken, behind them; 0 is a free slot.
   */
  private slots = new Int32Array(2 * firstRoom);
  /** How far to shift a hash so that a slot remains. */
  private shift = 32 - Math.log2(2 * firstRoom);

  /** Has room for so many places from the beginning. */
  constructor(room = 0) {
    this.makeRoom(room);
  }

  /** The index of sections that all have different names. */
  static of(sections: readonly { readonly name: string }[]): SectionIndex {
    return doAtOnce(SectionIndex.indexing(sections));
  }

  /** {@link of} as work that can be sliced. */
  static *indexing(
    sections: readonly { readonly name: string }[],
  ): SlicedWork<SectionIndex> {
    const index = new SectionIndex(sections.length);
    for (let place = 0; place < sections.length; place++) {
      if (place % namesBetweenYields === namesBetweenYields - 1) yield;
      index.add(hashOf(sections[place]!.name));
    }
    return index;
  }

  /** The hashes of the names, by place. */
  get hashes(): ArrayLike<number> {
    return this.byPlace;
  }

  /** The place of the section of that name; undefined if there is none. */
  find(name: string, places: SectionsByPlace): number | undefined {
    return this.findHashed(hashOf(name), name, places);
  }

  /**
   * Gives the next place to the section of that name, unless it already has
   * one, which is returned then.
   */
  claim(name: string, places: SectionsByPlace): number | undefined {
    const hash = hashOf(name);
    const taken = this.findHashed(hash, name, places);
    if (taken === undefined) {
      this.makeRoom(1);
      this.add(hash);
    }
    return taken;
  }

  /**
   * Gives the next places to sections whose names have these hashes, up to the
   * first one whose name may have a place already; returns how many got one.
   * They are entered in one loop because each is a wait for memory, and the
   * processor can wait for several at once.
   */
  claimRow(hashes: ArrayLike<number>, from: number, to: number): number {
    this.makeRoom(to - from);
    for (let at = from; at < to; at++) {
      const hash = hashes[at]!;
      if (this.has(hash)) return at - from;
      this.add(hash);
    }
    return to - from;
  }

  private findHashed(
    hash: number,
    name: string,
    places: SectionsByPlace,
  ): number | undefined {
    const slots = this.slots;
    const last = slots.length - 1;
    for (let slot = this.slotOf(hash); ; slot = (slot + 1) & last) {
      const place = slots[slot]! - 1;
      if (place < 0) return undefined;
      if (this.byPlace[place] !== hash) continue;
      if (places.at(place)?.name === name) return place;
    }
  }

  private has(hash: number): boolean {
    const slots = this.slots;
    const last = slots.length - 1;
    for (let slot = this.slotOf(hash); ; slot = (slot + 1) & last) {
      const place = slots[slot]! - 1;
      if (place < 0) return false;
      if (this.byPlace[place] === hash) return true;
    }
  }

  private add(hash: number): void {
    this.byPlace[this.count] = hash;
    this.count++;
    this.enter(hash, this.count);
  }

  private enter(hash: number, placePlusOne: number): void {
    const slots = this.slots;
    const last = slots.length - 1;
    let slot = this.slotOf(hash);
    while (slots[slot] !== 0) slot = (slot + 1) & last;
    slots[slot] = placePlusOne;
  }

  private slotOf(hash: number): number {
    return Math.imul(hash, spread) >>> this.shift;
  }

  /** Makes room for so many more places; half of the slots stay free. */
  private makeRoom(more: number): void {
    const needed = this.count + more;
    let room = this.byPlace.length;
    if (needed <= room) return;
    while (room < needed) {
      room *= 2;
      this.shift--;
    }
    const hashes = new Int32Array(room);
    hashes.set(this.byPlace);
    this.byPlace = hashes;
    this.slots = new Int32Array(2 * room);
    for (let place = 0; place < this.count; place++) {
      this.enter(hashes[place]!, place + 1);
    }
  }
}

/** By what a name is found, in the indexes of this process. */
export function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), multiplier);
    hash ^= hash >>> 15;
  }
  return hash;
}
