import type { ConfMap } from '@nestjs-transitions/conf';
import { RecordTable } from './record-table.js';
import type { VolumeGroup } from '../model/topology.js';

/** What the name of a volume group's section begins with. */
export const groupPrefix = 'VolumeGroup:';

/**
 * The volume groups of a topology, in configuration order: a map by name that
 * has no index, for the configuration knows the place of each section, and
 * whoever goes through one topology beside another asks in this very order.
 */
export class GroupTable extends RecordTable<VolumeGroup> {
  private readonly records: VolumeGroup[] = [];
  /** By the place of a group's section: its number, from 1 on; 0 for none. */
  private readonly numbers: Int32Array;
  /** Of the group that was found last. */
  private here = 0;

  constructor(private readonly confMap: ConfMap) {
    super();
    this.numbers = new Int32Array(confMap.size);
  }

  get size(): number {
    return this.records.length;
  }

  /** Adds a group, whose section is at a place. */
  add(group: VolumeGroup, place: number): void {
    this.records.push(group);
    this.numbers[place] = this.records.length;
  }

  get(name: string): VolumeGroup | undefined {
    return this.records[this.indexOf(name)];
  }

  /** Where a group is in the order, counted from 0; -1 if there is none of that name. */
  indexOf(name: string): number {
    const { records, here } = this;
    if (records[here + 1]?.name === name) return (this.here = here + 1);
    if (records[here]?.name === name) return here;
    const place = this.confMap.indexOf(groupPrefix + name);
    const index = place < 0 ? -1 : this.numbers[place]! - 1;
    if (index >= 0) this.here = index;
    return index;
  }

  /** {@link indexOf}, but undefined if there is none. */
  rankOf(name: string): number | undefined {
    const index = this.indexOf(name);
    return index < 0 ? undefined : index;
  }

  /** The name of the group that is there in the order. */
  nameAt(index: number): string {
    return this.records[index]!.name;
  }

  values(): MapIterator<VolumeGroup> {
    return this.records.values();
  }
}
