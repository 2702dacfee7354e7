import type { LeaseBooks } from './lease-books.js';
import type {
  HeldLease,
  LeaseListing,
  VolumeChange,
} from './serving-leases.js';

/** What news of the store lead to. */
export interface Findings {
  /** Volumes that were ours, and were taken or deleted by somebody. */
  readonly lost: readonly string[];
  /** Volumes that wait and may be claimed. */
  readonly claimable: readonly string[];
}

/**
 * Compares the truth with the books. What is older than the claim of a volume
 * says nothing about it. A record of our own session that is in no list is put
 * among those to be released.
 */
export function judgeListing(
  { revision, held }: LeaseListing,
  books: LeaseBooks,
  session: string,
): Findings {
  books.forgetEnds(revision);
  const byVolume = new Map(held.map((lease) => [lease.volume, lease]));
  const lost = books.heldVolumes.filter((volume) =>
    isLost(books.tokenOf(volume), byVolume.get(volume), revision),
  );
  for (const lease of held) {
    if (lease.session === session) books.releaseStray(lease);
  }
  const claimable: string[] = [];
  for (const { volume } of books.waiting) {
    const holder = byVolume.get(volume);
    books.noteHolder(volume, holder);
    if (books.isGone(holder) || holder?.session === session) {
      claimable.push(volume);
    }
  }
  return { lost, claimable };
}

/** The same for a change of one volume, which may come late or twice. */
export function judgeChange(
  { volume, revision, holder }: VolumeChange,
  books: LeaseBooks,
): Findings {
  if (isLost(books.tokenOf(volume), holder, revision)) {
    return { lost: [volume], claimable: [] };
  }
  if (!books.isWaiting(volume)) return { lost: [], claimable: [] };
  if (holder !== undefined) books.noteHolder(volume, holder);
  return { lost: [], claimable: books.isGone(holder) ? [volume] : [] };
}

function isLost(
  token: bigint | undefined,
  holder: Pick<HeldLease, 'token'> | undefined,
  revision: bigint,
): boolean {
  if (token === undefined || revision < token) return false;
  return holder?.token !== token;
}
