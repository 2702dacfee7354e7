/**
 * A set of integers, kept as ranges, for the ids of an AsyncIdScope. Most of
 * them are added in ascending order, each right after the one before. Adding
 * such an id, or finding one that was added recently, takes two comparisons.
 */
export class IdRanges {
  private begin: number;
  private end: number;
  /** The begin and end of each earlier range, in ascending order. */
  private readonly edges: number[] = [];
  /** Ids that were added after greater ones. */
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

  // If the id is inside a range, an odd number of edges is at or below it.
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
