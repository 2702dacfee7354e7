const inspectCustom: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/**
 * Records by name, in configuration order. It reads like a Map, but does not
 * build the index of one.
 */
export abstract class RecordTable<
  T extends { readonly name: string },
> implements ReadonlyMap<string, T> {
  abstract get size(): number;
  abstract get(name: string): T | undefined;
  abstract values(): MapIterator<T>;

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *keys(): MapIterator<string> {
    for (const { name } of this.values()) yield name;
  }

  *entries(): MapIterator<[string, T]> {
    for (const record of this.values()) yield [record.name, record];
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  /** The quickest way to read all of them. */
  forEach(
    visit: (record: T, name: string, all: ReadonlyMap<string, T>) => void,
  ): void {
    for (const record of this.values()) visit(record, record.name, this);
  }

  /** `console.log` shows it as a Map. */
  [inspectCustom](): ReadonlyMap<string, T> {
    return new Map(this);
  }

  /** As JSON it is what a Map is: `{}`. */
  toJSON(): ReadonlyMap<string, T> {
    return new Map();
  }
}
