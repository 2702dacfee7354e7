import { unavailable } from './refusals.js';
import type { VolumesHttpOptions } from './volumes-http.options.js';

/** Counts the requests in flight of each volume, and bounds them. */
export class InFlightLimit {
  private readonly counts = new Map<string, number>();

  constructor(private readonly options: VolumesHttpOptions) {}

  /** Takes one place of the volume, to be disposed of. @throws Refusal 503 when all are taken */
  enter(volumeName: string): Disposable {
    const { maxRequestsPerVolume, busyRetryAfterSeconds } = this.options;
    const count = this.counts.get(volumeName) ?? 0;
    if (count >= maxRequestsPerVolume) {
      throw unavailable('too many requests at once', busyRetryAfterSeconds);
    }
    this.counts.set(volumeName, count + 1);
    return { [Symbol.dispose]: () => this.leave(volumeName) };
  }

  private leave(volumeName: string): void {
    const count = this.counts.get(volumeName) ?? 0;
    if (count > 1) this.counts.set(volumeName, count - 1);
    else this.counts.delete(volumeName);
  }
}
