import { startTimer } from '../ports/timers.js';
import type { VolumeEntrance, VolumePass } from './volume-entrance.js';

/** How long a request waits. */
export interface Patience {
  /** Milliseconds. */
  readonly waitMs: number;
  /** Aborts when nobody waits for an answer any more. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  admit(entrance: VolumeEntrance): void;
  refuse(reason: unknown): void;
}

/** Requests that wait for volumes, those of each volume in the order in which they came. */
export class WaitingRequests {
  private readonly queues = new Map<string, Set<Waiter>>();
  private count = 0;

  /** How many wait, for whichever volume. */
  get size(): number {
    return this.count;
  }

  /** The volumes for which somebody waits. */
  get volumeNames(): string[] {
    return [...this.queues.keys()];
  }

  /**
   * Resolves when the volume opens. Rejects with `refusal`, made then, when the
   * time is up, and with the reason of the signal when that aborts.
   */
  wait(
    volumeName: string,
    { waitMs, signal }: Patience,
    refusal: () => Error,
  ): Promise<VolumePass> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        cancelTimer();
        signal?.removeEventListener('abort', giveUp);
        this.remove(volumeName, waiter);
      };
      const waiter: Waiter = {
        admit: (entrance) => {
          leave();
          resolve(entrance.enter());
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const giveUp = (): void => waiter.refuse(signal?.reason);
      const cancelTimer = startTimer(() => waiter.refuse(refusal()), waitMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.add(volumeName, waiter);
    });
  }

  /** A volume has opened: all who wait for it enter, the first one first. */
  admit(entrance: VolumeEntrance): void {
    // Most volumes open while nobody waits.
    if (this.count === 0) return;
    for (const waiter of this.waitingFor(entrance.volumeName)) {
      waiter.admit(entrance);
    }
  }

  /** Refuses all who wait for a volume. */
  refuse(volumeName: string, reason: Error): void {
    for (const waiter of this.waitingFor(volumeName)) waiter.refuse(reason);
  }

  private waitingFor(volumeName: string): Waiter[] {
    return [...(this.queues.get(volumeName) ?? [])];
  }

  private add(volumeName: string, waiter: Waiter): void {
    const queue = this.queues.get(volumeName);
    if (queue === undefined) this.queues.set(volumeName, new Set([waiter]));
    else queue.add(waiter);
    this.count++;
  }

  private remove(volumeName: string, waiter: Waiter): void {
    const queue = this.queues.get(volumeName);
    if (queue?.delete(waiter) !== true) return;
    this.count--;
    if (queue.size === 0) this.queues.delete(volumeName);
  }
}
