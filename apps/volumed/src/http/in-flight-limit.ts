/** Counts the requests in flight of each volume, and bounds them. */
export class InFlightLimit {
  private readonly counts = new Map<string, number>();

  /** Takes one place of the volume; false when so many are taken. `leave` gives it back. */
  enter(volumeName: string, limit: number): boolean {
    const count = this.counts.get(volumeName) ?? 0;
    if (count >= limit) return false;
    this.counts.set(volumeName, count + 1);
    return true;
  }

  /** Gives back a place that `enter` gave. */
  leave(volumeName: string): void {
    const count = this.counts.get(volumeName) ?? 0;
    if (count > 1) this.counts.set(volumeName, count - 1);
    else this.counts.delete(volumeName);
  }
}
