import { LeaseStoreError, type LeaseChange } from 'nestjs-transitions/core';

/** What changed, in order, for whoever follows it. */
export class ChangeLog {
  private changes: LeaseChange[] = [];
  /** How many were before these, and are forgotten. */
  private forgotten = 0;
  /** Changes before this revision are forgotten. */
  private oldest = 1n;
  private readonly waiting = new Set<() => void>();

  add(change: LeaseChange): void {
    this.changes.push(change);
    for (const wake of this.waiting) wake();
  }

  /** Forgets what was before a revision. */
  compact(revision: bigint): void {
    this.keep((change) => change.revision >= revision);
    this.oldest = revision;
  }

  /** Forgets all, and revisions begin again. */
  clear(): void {
    this.keep(() => false);
    this.oldest = 1n;
  }

  /** Ends when the signal is aborted; throws when what comes next is forgotten. */
  async *follow(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LeaseChange[], void> {
    if (revision + 1n < this.oldest) throw this.compacted();
    let next = this.forgotten;
    while (!signal.aborted) {
      if (next < this.forgotten) throw this.compacted();
      const change = this.changes[next - this.forgotten];
      if (change === undefined) await this.somethingNew(signal);
      else {
        next++;
        if (change.revision > revision) yield [change];
      }
    }
  }

  private keep(isKept: (change: LeaseChange) => boolean): void {
    const kept = this.changes.filter(isKept);
    this.forgotten += this.changes.length - kept.length;
    this.changes = kept;
  }

  private compacted(): LeaseStoreError {
    return new LeaseStoreError(
      `changes before revision ${this.oldest} are compacted`,
    );
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
}
