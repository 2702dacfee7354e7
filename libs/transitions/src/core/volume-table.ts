import type { ConfMap } from '@nestjs-transitions/conf';
import type { Volume } from './topology.js';

/** What the name of a volume's section begins with. */
export const volumePrefix = 'Volume:';

/**
 * The volumes of a topology, group by group, in configuration order: a map by
 * name that has an index only for volumes without a section, for the configuration
 * knows the place of each section. A group whose volumes are as they were has the very
 * list of the table before, which makes a later delta cheap.
 */
export class VolumeTable implements ReadonlyMap<string, Volume> {
  private readonly lists = new Map<string, readonly Volume[]>();
  private readonly byPlace: (Volume | undefined)[];
  private readonly withoutSection = new Map<string, Volume>();
  private count = 0;

  constructor(private readonly confMap: ConfMap) {
    // oxlint-disable-next-line no-new-array -- eight times faster than Array.from
    this.byPlace = new Array<Volume | undefined>(confMap.size).fill(undefined);
  }

  /** By the name of the group, in configuration order. */
  get byGroup(): ReadonlyMap<string, readonly Volume[]> {
    return this.lists;
  }

  get size(): number {
    return this.count;
  }

  /** Adds a volume whose section is at a place, or -1. Its group's list follows. */
  add(volume: Volume, place: number): void {
    if (place < 0) this.withoutSection.set(volume.name, volume);
    else this.byPlace[place] = volume;
    this.count++;
  }

  /** Adds all volumes of a group, whose sections are one after the other from a place on. */
  addAll(groupName: string, volumes: readonly Volume[], from: number): void {
    for (let at = 0; at < volumes.length; at++) {
      this.byPlace[from + at] = volumes[at];
    }
    this.count += volumes.length;
    this.addGroup(groupName, volumes);
  }

  /** Adds the list of a group, of volumes that were added. */
  addGroup(groupName: string, volumes: readonly Volume[]): void {
    this.lists.set(groupName, volumes);
  }

  /** The volume of that name, of which the place is known already. */
  at(place: number, name: string): Volume | undefined {
    return place < 0 ? this.withoutSection.get(name) : this.byPlace[place];
  }

  get(name: string): Volume | undefined {
    return this.at(this.confMap.indexOf(volumePrefix + name), name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** All volumes, in configuration order, in a new array. */
  toArray(): Volume[] {
    // oxlint-disable-next-line no-new-array -- at its size from the beginning, for there may be a million
    const all = new Array<Volume>(this.count);
    let place = 0;
    for (const volumes of this.lists.values()) {
      for (const volume of volumes) all[place++] = volume;
    }
    return all;
  }

  *values(): MapIterator<Volume> {
    for (const volumes of this.lists.values()) {
      for (const volume of volumes) yield volume;
    }
  }

  *keys(): MapIterator<string> {
    for (const { name } of this.values()) yield name;
  }

  *entries(): MapIterator<[string, Volume]> {
    for (const volume of this.values()) yield [volume.name, volume];
  }

  [Symbol.iterator](): MapIterator<[string, Volume]> {
    return this.entries();
  }

  forEach(
    visit: (
      volume: Volume,
      name: string,
      all: ReadonlyMap<string, Volume>,
    ) => void,
  ): void {
    for (const volume of this.values()) visit(volume, volume.name, this);
  }
}

/** The volumes of a group, where the map keeps them by group. */
export function listOf(
  volumes: ReadonlyMap<string, Volume>,
  groupName: string,
): readonly Volume[] | undefined {
  return volumes instanceof VolumeTable
    ? volumes.byGroup.get(groupName)
    : undefined;
}

/**
 * The volumes of one map and of another, each in its order, without those that
 * both have from the same list.
 */
export function withoutSharedLists(
  one: ReadonlyMap<string, Volume>,
  other: ReadonlyMap<string, Volume>,
): [readonly Volume[], readonly Volume[]] {
  return [notSharedWith(other, one), notSharedWith(one, other)];
}

function notSharedWith(
  other: ReadonlyMap<string, Volume>,
  volumes: ReadonlyMap<string, Volume>,
): readonly Volume[] {
  if (!(volumes instanceof VolumeTable)) return [...volumes.values()];
  if (!(other instanceof VolumeTable)) return volumes.toArray();
  const own: Volume[] = [];
  for (const [groupName, list] of volumes.byGroup) {
    if (other.byGroup.get(groupName) === list) continue;
    for (const volume of list) own.push(volume);
  }
  return own;
}
