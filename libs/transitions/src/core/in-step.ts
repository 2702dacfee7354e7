/**
 * Finds records by name in a map that is mostly asked in its own order: a
 * record whose turn it is costs no look-up, which counts with 100,000 of them.
 */
export class InStep<T extends { readonly name: string }> {
  private readonly records: Iterator<T>;
  private next: T | undefined;

  constructor(private readonly byName: ReadonlyMap<string, T>) {
    this.records = byName.values();
    this.advance();
  }

  find(name: string): T | undefined {
    if (this.next?.name === name) return this.advance();
    const found = this.byName.get(name);
    if (found === undefined) return undefined;
    // Those that are skipped are gone, or have moved and are looked up.
    while (this.next !== undefined && this.next !== found) this.advance();
    this.advance();
    return found;
  }

  /** Returns the record whose turn it was. */
  private advance(): T | undefined {
    const current = this.next;
    const { value, done } = this.records.next();
    this.next = done ? undefined : value;
    return current;
  }
}
