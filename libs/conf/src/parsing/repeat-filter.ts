const few = 24;

/**
 * Tells by their hashes whether things may repeat. It may say yes wrongly, but
 * never no.
 */
export class RepeatFilter {
  private readonly firstOnes = new Int32Array(few);
  private readonly others = new Set<number>();
  private count = 0;

  /** Forgets all hashes. */
  clear(): void {
    this.count = 0;
    if (this.others.size > 0) this.others.clear();
  }

  /** Adds a hash, and says whether it was there already. */
  add(hash: number): boolean {
    const { firstOnes } = this;
    const count = this.count++;
    const upTo = count < few ? count : few;
    for (let i = 0; i < upTo; i++) if (firstOnes[i] === hash) return true;
    if (count < few) {
      firstOnes[count] = hash;
      return false;
    }
    if (this.others.has(hash)) return true;
    this.others.add(hash);
    return false;
  }
}
