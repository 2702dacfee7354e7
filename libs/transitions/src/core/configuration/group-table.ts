import type { ConfMap } from '@nestjs-transitions/conf';
import { RecordTable } from './record-table.js';
import type { VolumeGroup } from '../model/topology.js';

/** What the name of a volume group's section begins with. */
export const groupPrefix = 'VolumeGroup:';

/**
 * The volume groups of a topology, in configuration order: a map by name
 * without an index of its own. It needs none, because the configuration knows
 * the place of each section, and code that compares two topologies asks in this
 * very order.
 */
export class GroupTable extends RecordTable<VolumeGroup> {
  private readonly records: VolumeGroup[] = [];
  /**
   * By the place of a section: the number of its group, from 1 on; 0 if it is
   * none.
   */
  private readonly numbers: Int32Array;
  /** The index of the group that was found last. */
  private here = 0;

  constructor(private readonly confMap: ConfMap) {
    super();
    this.numbers = new Int32Array(confMap.size);
  }

  get size(): number {
    return this.records.length;
  }

  /** Adds a group. `place` is that of its section. */
  add(group: VolumeGroup, place: number): void {
    this.records.push(group);
    this.numbers[place] = this.records.length;
  }

  get(name: string): VolumeGroup | undefined {
    return this.records[this.indexOf(name)];
  }

  /** The index of a group in the order; -1 if there is none of that name. */
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

  /** The name of the group at an index of the order. */
  nameAt(index: number): string {
    return this.records[index]!.name;
  }

  values(): MapIterator<VolumeGroup> {
    return this.records.values();
  }
}
