import { expect, it } from 'vitest';
import { LeaseBooks } from './lease-books.js';
import { judgingListing } from './listing-judge.js';
import type { HeldLease } from './serving-leases.js';

const volumes = Array.from({ length: 10_000 }, (_, index) => `v${index}`);

/** What holds: the first half is ours, the second half another peer's. */
const held: readonly HeldLease[] = volumes.map((volume, index) =>
  index < 5_000
    ? { volume, owner: 'here', session: 's1', token: 7n }
    : { volume, owner: 'there', session: 's2', token: 7n },
);

const alive = { id: 's1', isAlive: true };

it('judges many volumes in pieces, each by what the books say then', () => {
  const books = new LeaseBooks();
  for (const volume of volumes) books.wait(volume, 0);
  for (const { volume, token } of held.slice(0, 5_000)) {
    books.answer({ volume, token, predecessor: undefined });
    books.handOut(volume);
  }
  // Of these somebody has deleted the record; the first one is lost before its turn.
  const deleted = ['v0', 'v1', 'v4999'];
  const listing = {
    storeId: 'store',
    revision: 9n,
    held: held.filter(({ volume }) => !deleted.includes(volume)),
  };
  const judging = judgingListing(listing, books, alive);
  let pieces = 1;
  let { done, value } = judging.next();
  books.lose('v0');
  for (; done !== true; pieces++) ({ done, value } = judging.next());
  expect(value).toEqual({ lost: ['v1', 'v4999'], claimable: [] });
  const holders = books.waiting.filter(
    ({ holder }) => holder?.owner === 'there',
  );
  expect(holders).toHaveLength(5_000);
  expect(pieces).toBeGreaterThan(100);
});

it('says nothing more, and lets go of nothing, once the session is over', () => {
  const books = new LeaseBooks();
  for (const { volume, token } of held.slice(0, 5_000)) {
    books.wait(volume, 0);
    books.answer({ volume, token, predecessor: undefined });
    books.handOut(volume);
  }
  const listing = { storeId: 'store', revision: 9n, held };
  const live = { id: 's1', isAlive: true };
  const judging = judgingListing(listing, books, live);
  judging.next();
  live.isAlive = false;
  books.loseAll();
  expect(judging.next()).toEqual({
    done: true,
    value: { lost: [], claimable: [] },
  });
  // What the store has of that session ends with it, and was not released.
  expect(books.isReleasing).toBe(false);
});
