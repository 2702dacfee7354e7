import type { StandardSchemaV1 } from '@standard-schema/spec';
import { volumePrefix } from './volume-table.js';

/**
 * Schemas by the name of a section. `Volume:*` stands for all sections whose
 * names begin with `Volume:`. The whole name goes before a beginning, and a
 * longer beginning before a shorter one.
 */
export type SchemasBySection = Readonly<Record<string, StandardSchemaV1>>;

/** Finds the schema of a section. */
export class SchemaTable {
  /** Of single sections. */
  readonly exact: ReadonlyMap<string, StandardSchemaV1>;
  private readonly byBeginning: readonly (readonly [
    beginning: string,
    schema: StandardSchemaV1,
  ])[];

  constructor(schemas: SchemasBySection) {
    const entries = Object.entries(schemas);
    this.exact = new Map(entries.filter(([name]) => !name.endsWith('*')));
    this.byBeginning = entries
      .filter(([name]) => name.endsWith('*'))
      .map(([name, schema]) => [name.slice(0, -1), schema] as const)
      .sort(([one], [other]) => other.length - one.length);
  }

  /** The schema of a section; undefined if it has none. */
  of(section: string): StandardSchemaV1 | undefined {
    return (
      this.exact.get(section) ??
      this.byBeginning.find(([beginning]) => section.startsWith(beginning))?.[1]
    );
  }

  /** Whether there may be a schema for a volume that has no section. */
  get concernVolumes(): boolean {
    return this.byBeginning.some(
      ([beginning]) =>
        beginning.startsWith(volumePrefix) ||
        volumePrefix.startsWith(beginning),
    );
  }

  get isEmpty(): boolean {
    return this.exact.size + this.byBeginning.length === 0;
  }
}
