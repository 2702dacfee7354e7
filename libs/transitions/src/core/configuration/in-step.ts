/**
 * Finds records by name in a list that is mostly asked in its own order. The
 * next record needs no look-up. If all of them come in order, no index is built
 * either, which matters with 100,000 records.
 */
export class InStep<T extends { readonly name: string }> {
  private next = 0;
  private placesByName: Map<string, number> | undefined;

  constructor(private readonly records: readonly T[]) {}

  find(name: string): T | undefined {
    const place = this.placeOf(name);
    if (place === undefined) return undefined;
    this.next = place + 1;
    return this.records[place];
  }

  private placeOf(name: string): number | undefined {
    if (this.records[this.next]?.name === name) return this.next;
    if (this.records.length === 0) return undefined;
    this.placesByName ??= new Map(
      this.records.map((record, place) => [record.name, place]),
    );
    return this.placesByName.get(name);
  }
}
