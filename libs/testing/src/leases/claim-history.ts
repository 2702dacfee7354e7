import type { Predecessor, Release } from 'nestjs-transitions/core';

/** The last claim of a volume: for the next one, its predecessor. */
interface LastClaim extends Predecessor {
  readonly session: string;
}

/** What was so when whoever holds a volume claimed it first. */
interface FirstClaim {
  readonly revision: bigint;
  readonly predecessor: Predecessor | undefined;
}

/** Who claims. */
interface Claimant {
  readonly id: string;
  readonly owner: string;
}

/**
 * Who claimed each volume, and who had it before that. As in etcd, the last claim
 * is what a volume has now and is never forgotten, and who was there before the
 * first claim of a holder is looked up in the revision before it.
 */
export class ClaimHistory {
  private readonly last = new Map<string, LastClaim>();
  private readonly first = new Map<string, FirstClaim>();
  /** What was before this revision is forgotten. */
  private oldest = 1n;

  /** A volume that was free is claimed. */
  claimed(volume: string, by: Claimant, token: bigint): void {
    const last = this.last.get(volume);
    const predecessor = last && predecessorIn(last);
    this.first.set(volume, { revision: token, predecessor });
    this.claimedAgain(volume, by, token);
  }

  /** Whoever holds a volume claims it. */
  claimedAgain(
    volume: string,
    { id: session, owner }: Claimant,
    token: bigint,
  ): void {
    const claim = { session, owner, token };
    this.last.set(volume, { ...claim, end: 'expired', note: '' });
  }

  released(
    { volume, token, note }: Release,
    { id: session, owner }: Claimant,
  ): void {
    const claim = { session, owner, token };
    this.last.set(volume, { ...claim, end: 'released', note });
  }

  /** What a session has it has released. */
  endedInOrder(session: string): void {
    for (const [volume, last] of this.last) {
      if (last.session === session && last.end === 'expired')
        this.last.set(volume, { ...last, end: 'released' });
    }
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

function predecessorIn({ owner, token, end, note }: LastClaim): Predecessor {
  return { owner, token, end, note };
}
