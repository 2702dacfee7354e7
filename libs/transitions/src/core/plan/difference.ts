import { RecordTable } from '../configuration/record-table.js';
import { ranksOf } from './order.js';
import type { Holdings, Volume, VolumeGroup } from '../model/topology.js';

/**
 * Records by name that differ from those of a base; undefined: only the base
 * has one.
 */
export type Changes<T> = ReadonlyMap<string, T | undefined>;

const none: Changes<never> = new Map();

/**
 * What a participant holds if that is not just what a configuration says: a
 * base, usually the topology in force, and what differs from it. Its cost
 * depends on how much differs, not on how many volumes there are.
 */
export class Difference implements Holdings {
  readonly groups: ReadonlyMap<string, VolumeGroup>;
  readonly volumes: ReadonlyMap<string, Volume>;

  private constructor(
    readonly base: Holdings,
    readonly groupChanges: Changes<VolumeGroup>,
    readonly volumeChanges: Changes<Volume>,
  ) {
    this.groups = changed(base.groups, groupChanges);
    this.volumes = changed(base.volumes, volumeChanges);
  }

  /** The base itself if nothing differs. */
  static of(
    base: Holdings,
    groups: Changes<VolumeGroup>,
    volumes: Changes<Volume>,
  ): Holdings {
    return groups.size === 0 && volumes.size === 0
      ? base
      : new Difference(base, groups, volumes);
  }
}

/** Any holdings as a base and what differs from it. */
export function differenceOf(
  holdings: Holdings,
): Pick<Difference, 'base' | 'groupChanges' | 'volumeChanges'> {
  return holdings instanceof Difference
    ? holdings
    : { base: holdings, groupChanges: none, volumeChanges: none };
}

function changed<T extends { readonly name: string }>(
  base: ReadonlyMap<string, T>,
  changes: Changes<T>,
): ReadonlyMap<string, T> {
  return changes.size === 0 ? base : new ChangedTable(base, changes);
}

/**
 * The records of a base, as changed and in its order, and after them those
 * added.
 */
class ChangedTable<T extends { readonly name: string }> extends RecordTable<T> {
  private count: number | undefined;
  private added: ReadonlyMap<string, number> | undefined;
  private readonly rankOfBase: (name: string) => number | undefined;

  constructor(
    private readonly base: ReadonlyMap<string, T>,
    private readonly changes: Changes<T>,
  ) {
    super();
    this.rankOfBase = ranksOf(base);
  }

  /** Counted when it is asked for first. */
  get size(): number {
    return (this.count ??= this.counted());
  }

  private counted(): number {
    let { size } = this.base;
    for (const [name, record] of this.changes) {
      if (this.base.has(name)) size -= record === undefined ? 1 : 0;
      else size++;
    }
    return size;
  }

  get(name: string): T | undefined {
    const record = this.changes.get(name);
    if (record !== undefined || this.changes.has(name)) return record;
    return this.base.get(name);
  }

  /**
   * Added ones come after those of the base, in the order in which they were
   * added.
   */
  rankOf(name: string): number | undefined {
    const { rankOfBase } = this;
    const rank = rankOfBase(name);
    if (rank !== undefined || !this.changes.has(name)) return rank;
    this.added ??= new Map(
      [...this.changes.keys()].map((each, index) => [each, index]),
    );
    return this.base.size + this.added.get(name)!;
  }

  *values(): MapIterator<T> {
    for (const record of this.base.values()) {
      if (!this.changes.has(record.name)) {
        yield record;
        continue;
      }
      const other = this.changes.get(record.name);
      if (other !== undefined) yield other;
    }
    for (const [name, record] of this.changes) {
      if (record !== undefined && !this.base.has(name)) yield record;
    }
  }
}

/** Makes holdings from others, change by change. */
export class HoldingsEdit {
  private readonly base: Holdings;
  private readonly groups: TableEdit<VolumeGroup>;
  private readonly volumes: TableEdit<Volume>;

  constructor(private readonly from: Holdings) {
    const { base, groupChanges, volumeChanges } = differenceOf(from);
    this.base = base;
    this.groups = new TableEdit(base.groups, groupChanges);
    this.volumes = new TableEdit(base.volumes, volumeChanges);
  }

  group(name: string): VolumeGroup | undefined {
    return this.groups.get(name);
  }

  volume(name: string): Volume | undefined {
    return this.volumes.get(name);
  }

  /** Undefined removes it. */
  setGroup(name: string, group: VolumeGroup | undefined): this {
    this.groups.set(name, group);
    return this;
  }

  /** Undefined removes it. */
  setVolume(name: string, volume: Volume | undefined): this {
    this.volumes.set(name, volume);
    return this;
  }

  /**
   * The original holdings if nothing has changed; the base if nothing differs
   * from it.
   */
  build(): Holdings {
    const { from, base, groups, volumes } = this;
    if (!groups.isEdited && !volumes.isEdited) return from;
    return Difference.of(base, groups.changes, volumes.changes);
  }
}

class TableEdit<T> {
  private copy: Map<string, T | undefined> | undefined;

  constructor(
    private readonly base: ReadonlyMap<string, T>,
    private readonly before: Changes<T>,
  ) {}

  get isEdited(): boolean {
    return this.copy !== undefined;
  }

  get changes(): Changes<T> {
    return this.copy ?? this.before;
  }

  get(name: string): T | undefined {
    const { changes } = this;
    const record = changes.get(name);
    if (record !== undefined || changes.has(name)) return record;
    return this.base.get(name);
  }

  set(name: string, record: T | undefined): void {
    const { changes } = this;
    const inBase = this.base.get(name);
    const own = changes.get(name);
    const now = own === undefined && !changes.has(name) ? inBase : own;
    if (now === record) return;
    this.copy ??= new Map(this.before);
    if (inBase === record) this.copy.delete(name);
    else this.copy.set(name, record);
  }
}

/** Whether two records of a volume say the same. */
export function isSameVolume(
  one: Volume | undefined,
  other: Volume | undefined,
): boolean {
  return (
    one === other ||
    (one?.groupName === other?.groupName &&
      one?.served === other?.served &&
      one?.section === other?.section)
  );
}

/** Whether two holdings differ from the same base in the same way. */
export function isSameDifference(one: Holdings, other: Holdings): boolean {
  const [a, b] = [differenceOf(one), differenceOf(other)];
  return (
    a.base === b.base &&
    isSameChanges(a.groupChanges, b.groupChanges, Object.is) &&
    isSameChanges(a.volumeChanges, b.volumeChanges, isSameVolume)
  );
}

function isSameChanges<T>(
  one: Changes<T>,
  other: Changes<T>,
  isSame: (one: T | undefined, other: T | undefined) => boolean,
): boolean {
  if (one.size !== other.size) return false;
  for (const [name, record] of one) {
    if (!other.has(name) || !isSame(record, other.get(name))) return false;
  }
  return true;
}
