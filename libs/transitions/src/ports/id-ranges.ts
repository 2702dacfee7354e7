/**
 * A set of whole numbers that mostly come in ascending order, and each right
 * after the one before: it is kept as ranges. To add such a one, and to find one
 * that was added of late, takes two comparisons.
 */
export class IdRanges {
  private begin: number;
  private end: number;
  /** Where the ranges before the last one begin and end, in turn. */
  private readonly edges: number[] = [];
  /** Those that came after greater ones. */
  private readonly late = new Set<number>();

  constructor(first: number) {
    this.begin = first;
    this.end = first + 1;
  }

  add(id: number): void {
    if (id === this.end) this.end++;
    else this.addApart(id);
  }

  has(id: number): boolean {
    return id >= this.begin ? id < this.end : this.hasEarlier(id);
  }

  private addApart(id: number): void {
    if (id > this.end) {
      this.edges.push(this.begin, this.end);
      this.begin = id;
      this.end = id + 1;
    } else if (id < this.begin) this.late.add(id);
  }

  // It is in one of the ranges when the edges up to it are odd in number.
  private hasEarlier(id: number): boolean {
    let low = 0;
    let high = this.edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.edges[middle]! <= id) low = middle + 1;
      else high = middle;
    }
    return low % 2 === 1 || this.late.has(id);
  }
}
