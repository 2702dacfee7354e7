import type { Predecessor, Release } from 'nestjs-transitions/core';

/** What was so when whoever holds a volume claimed it first. */
interface FirstClaim {
  readonly revision: bigint;
  readonly predecessor: Predecessor | undefined;
}

/**
 * Who claimed each volume, and who had it before that. As in etcd, the last claim
 * is what a volume has now and is never forgotten, and who was there before the
 * first claim of a holder is looked up in the revision before it.
 */
export class ClaimHistory {
  /** The last claim of a volume: for the next one, its predecessor. */
  private readonly last = new Map<string, Predecessor>();
  private readonly first = new Map<string, FirstClaim>();
  /** What was before this revision is forgotten. */
  private oldest = 1n;

  /** A volume that was free is claimed. */
  claimed(volume: string, owner: string, token: bigint): void {
    const predecessor = this.last.get(volume);
    this.first.set(volume, { revision: token, predecessor });
    this.claimedAgain(volume, owner, token);
  }

  /** Whoever holds a volume claims it. */
  claimedAgain(volume: string, owner: string, token: bigint): void {
    this.last.set(volume, { owner, token, end: 'expired', note: '' });
  }

  released({ volume, token, note }: Release, owner: string): void {
    this.last.set(volume, { owner, token, end: 'released', note });
  }

  /** Whoever holds a volume has ended in order. */
  endedInOrder(volume: string): void {
    const last = this.last.get(volume);
    if (last !== undefined) this.last.set(volume, { ...last, end: 'released' });
  }

  /** Who has the volume, and had it, is forgotten. */
  forget(volume: string): void {
    this.last.delete(volume);
    this.first.delete(volume);
  }

  /** Who had a volume before whoever holds it now. */
  predecessorOf(volume: string): Predecessor | undefined {
    return this.first.get(volume)?.predecessor;
  }

  /** Whether it can be looked up who had the volume before its holder. */
  isKnown(volume: string): boolean {
    const first = this.first.get(volume);
    return first !== undefined && first.revision > this.oldest;
  }

  compact(revision: bigint): void {
    this.oldest = revision;
  }

  clear(): void {
    this.last.clear();
    this.first.clear();
    this.oldest = 1n;
  }
}
