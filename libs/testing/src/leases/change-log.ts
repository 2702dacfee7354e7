import { LeaseStoreError, type LeaseChange } from 'nestjs-transitions/core';

/** What changed, in order, for whoever follows it. */
export class ChangeLog {
  private changes: LeaseChange[] = [];
  /** Changes up to this revision are forgotten. */
  private compacted = 0n;
  private epoch = 0;
  private readonly waiting = new Set<() => void>();

  add(change: LeaseChange): void {
    this.changes.push(change);
    this.wake();
  }

  compact(revision: bigint): void {
    this.changes = [];
    this.compacted = revision;
    this.epoch++;
    this.wake();
  }

  /** Ends when the signal is aborted; throws when what comes next is forgotten. */
  async *follow(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LeaseChange[], void> {
    if (revision < this.compacted)
      throw new LeaseStoreError(
        `changes up to revision ${this.compacted} are compacted`,
      );
    let { epoch } = this;
    let next = 0;
    while (!signal.aborted) {
      if (epoch !== this.epoch) {
        epoch = this.epoch;
        next = 0;
      }
      const change = this.changes[next];
      if (change === undefined) await this.somethingNew(signal);
      else {
        next++;
        if (change.revision > revision) yield [change];
      }
    }
  }

  private async somethingNew(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  private wake(): void {
    for (const wake of this.waiting) wake();
  }
}
