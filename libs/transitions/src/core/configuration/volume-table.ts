import type { ConfMap } from '@nestjs-transitions/conf';
import type { GroupTable } from './group-table.js';
import { RecordTable } from './record-table.js';
import type { Volume } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';

const recordsBetweenYields = 256;

/** What the name of a volume's section begins with. */
export const volumePrefix = 'Volume:';

/**
 * The volumes of a topology, group by group, in configuration order: a map by
 * name with an index only for volumes that have no section, because the
 * configuration knows the place of each section. If the volumes of a group have
 * not changed, the group has the same list object as in the table before, which
 * makes a later delta cheap.
 */
export class VolumeTable extends RecordTable<Volume> {
  /** In the order of the groups. */
  private readonly lists: (readonly Volume[])[] = [];
  private readonly byPlace: (Volume | undefined)[];
  private readonly withoutSection = new Map<string, Volume>();
  /** The place of the first volume of each group. */
  private readonly starts: number[] = [];
  private listed = 0;
  private count = 0;

  constructor(
    private readonly confMap: ConfMap,
    private readonly groups: GroupTable,
  ) {
    super();
    // oxlint-disable-next-line no-new-array -- at its size from the beginning, for there may be a million
    this.byPlace = new Array<Volume | undefined>(confMap.size);
  }

  get size(): number {
    return this.count;
  }

  /** The volumes of a group; undefined if there is none of that name. */
  ofGroup(groupName: string): readonly Volume[] | undefined {
    return this.lists[this.groups.indexOf(groupName)];
  }

  /**
   * Adds a volume. `place` is that of its section, or -1. `addGroup` follows.
   */
  add(volume: Volume, place: number): void {
    if (place < 0) this.withoutSection.set(volume.name, volume);
    else this.byPlace[place] = volume;
    this.count++;
  }

  /**
   * Adds the next group with all its volumes. Their sections follow one another
   * from a place on.
   */
  addAll(volumes: readonly Volume[], from: number): void {
    for (let at = 0; at < volumes.length; at++) {
      this.byPlace[from + at] = volumes[at];
    }
    this.count += volumes.length;
    this.addGroup(volumes);
  }

  /** Adds the list of the next group. Its volumes have been added before. */
  addGroup(volumes: readonly Volume[]): void {
    this.lists.push(volumes);
    this.starts.push(this.listed);
    this.listed += volumes.length;
  }

  /** The volume of that name, if the place of its section is known already. */
  at(place: number, name: string): Volume | undefined {
    return place < 0 ? this.withoutSection.get(name) : this.byPlace[place];
  }

  get(name: string): Volume | undefined {
    return this.at(this.confMap.indexOf(volumePrefix + name), name);
  }

  /** The place of a volume in the order; undefined if there is none of that name. */
  rankOf(name: string): number | undefined {
    const volume = this.get(name);
    if (volume === undefined) return undefined;
    const group = this.groups.indexOf(volume.groupName);
    return this.starts[group]! + this.lists[group]!.indexOf(volume);
  }

  *values(): MapIterator<Volume> {
    for (const volumes of this.lists) {
      for (const volume of volumes) yield volume;
    }
  }

  override forEach(
    visit: (
      record: Volume,
      name: string,
      all: ReadonlyMap<string, Volume>,
    ) => void,
  ): void {
    for (const volumes of this.lists) {
      for (const volume of volumes) visit(volume, volume.name, this);
    }
  }

  /**
   * The volumes of this table, in order, except for lists that the other table
   * has too, as work that can be sliced.
   */
  *notSharedWith(
    other: VolumeTable | undefined,
  ): SlicedWork<readonly Volume[]> {
    // oxlint-disable-next-line no-new-array -- in a boot all of them, and there may be a million
    const own = new Array<Volume>(other === undefined ? this.listed : 0);
    let found = 0;
    let seen = 0;
    for (let index = 0; index < this.lists.length; index++) {
      const list = this.lists[index]!;
      seen += 1 + list.length;
      if (seen >= recordsBetweenYields) {
        seen = 0;
        yield;
      }
      if (other?.ofGroup(this.groups.nameAt(index)) === list) continue;
      for (let at = 0; at < list.length; at++) own[found++] = list[at]!;
    }
    return own;
  }
}

/** The volumes of a group, if the map keeps them by group. */
export function listOf(
  volumes: ReadonlyMap<string, Volume>,
  groupName: string,
): readonly Volume[] | undefined {
  return volumes instanceof VolumeTable
    ? volumes.ofGroup(groupName)
    : undefined;
}

/**
 * The volumes of one map, in its order, except for lists that both maps have, as
 * work that can be sliced.
 */
export function* notShared(
  volumes: ReadonlyMap<string, Volume>,
  other: ReadonlyMap<string, Volume>,
): SlicedWork<readonly Volume[]> {
  if (!(volumes instanceof VolumeTable)) return [...volumes.values()];
  return yield* volumes.notSharedWith(
    other instanceof VolumeTable ? other : undefined,
  );
}
