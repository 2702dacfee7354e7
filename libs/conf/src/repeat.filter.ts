const FEW = 24;

/** Tells by hashes whether something may have occurred before; a wrong "yes" is possible, a wrong "no" is not. */
export class RepeatFilter {
  readonly #few = new Int32Array(FEW);
  readonly #many = new Set<number>();
  #count = 0;

  /** Forgets all hashes. */
  clear(): void {
    this.#count = 0;
    if (this.#many.size > 0) this.#many.clear();
  }

  /** Adds a hash, and says whether it was there already. */
  add(hash: number): boolean {
    const few = this.#few;
    const count = this.#count++;
    const upTo = count < FEW ? count : FEW;
    for (let i = 0; i < upTo; i++) if (few[i] === hash) return true;
    if (count < FEW) {
      few[count] = hash;
      return false;
    }
    if (this.#many.has(hash)) return true;
    this.#many.add(hash);
    return false;
  }
}
