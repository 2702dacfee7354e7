import type { SlicedWork } from '../time/slices.js';
import type { LeaseBooks } from './lease-books.js';
import type { LiveSession } from './live-session.js';
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

const volumesBetweenYields = 128;
const nothing: Findings = { lost: [], claimable: [] };

/**
 * Compares the truth with the books, of as many volumes as all peers hold. What is
 * older than the claim of a volume says nothing about it. So each volume is judged by
 * what the books say when its turn comes: between slices, volumes may be lost,
 * released and waited for, but not claimed; and the session may end, which ends this
 * too. A record of our own session that is in no list is put among those to be
 * released.
 */
export function* judgingListing(
  { revision, held }: Pick<LeaseListing, 'revision' | 'held'>,
  books: LeaseBooks,
  live: Pick<LiveSession, 'id' | 'isAlive'>,
): SlicedWork<Findings> {
  books.forgetEnds(revision);
  let looked = 0;
  const byVolume = new Map<string, HeldLease>();
  for (const lease of held) {
    if (++looked % volumesBetweenYields === 0 && !(yield* goingOn(live)))
      return nothing;
    byVolume.set(lease.volume, lease);
    if (lease.session === live.id) books.releaseStray(lease);
  }
  const lost: string[] = [];
  for (const volume of books.heldVolumes) {
    if (++looked % volumesBetweenYields === 0 && !(yield* goingOn(live)))
      return nothing;
    const token = books.tokenOf(volume);
    if (isLost(token, byVolume.get(volume), revision)) lost.push(volume);
  }
  const claimable: string[] = [];
  for (const { volume } of books.waiting) {
    if (++looked % volumesBetweenYields === 0 && !(yield* goingOn(live)))
      return nothing;
    const holder = byVolume.get(volume);
    books.noteHolder(volume, holder);
    if (books.isGone(holder) || holder?.session === live.id) {
      claimable.push(volume);
    }
  }
  return { lost, claimable };
}

/** Between two slices. Whether there is any use in another one. */
function* goingOn(live: Pick<LiveSession, 'isAlive'>): SlicedWork<boolean> {
  yield;
  return live.isAlive;
}

/** The same for a change of one volume, which may come late or twice. */
export function judgeChange(
  { volume, revision, holder }: VolumeChange,
  books: LeaseBooks,
): Findings {
  if (isLost(books.tokenOf(volume), holder, revision)) {
    return { lost: [volume], claimable: [] };
  }
  if (!books.isWaiting(volume)) return nothing;
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
