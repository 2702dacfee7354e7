import type { FileFacts } from './file-facts.js';

let stamps = 0;

/**
 * The time to stamp a new version with, in milliseconds since 1970: the wall
 * clock's, and a later second than that of the version it replaces
 * (`replaced`, in milliseconds), as HTTP compares whole seconds. No two answers
 * of one moment are the same: the kernel stamps files by the tick (1 to 10 ms)
 * and reuses inodes at once, so that two versions could share both, and so their
 * tag.
 *
 * A file that is replaced many times in a second does not run ahead of the clock
 * by more than another second. That suffices: who has read an earlier version has
 * an earlier date, as `lastModifiedOf` never gives one of the future.
 */
export function stampAfter(replaced: number | undefined): number {
  const now = Date.now();
  if (replaced === undefined || secondOf(replaced) < secondOf(now)) {
    return distinct(now);
  }
  const nextSecond = (secondOf(replaced) + 1) * 1000;
  const isAhead = replaced > now + 1000;
  return distinct(isAhead ? nextSecond : Math.min(nextSecond, now + 1000));
}

/** Whether a version with that stamp may replace another: its HTTP date is later. */
export function isLater(stamp: number, replaced: number | undefined): boolean {
  return replaced === undefined || secondOf(stamp) > secondOf(replaced);
}

/** What Last-Modified may say: RFC 9110, section 8.8.2.1 forbids a date later than the answer's. */
export function lastModifiedOf({
  modifiedAt,
}: Pick<FileFacts, 'modifiedAt'>): number {
  return Math.min(modifiedAt, Date.now());
}

/**
 * Stamps of one moment are 2 µs apart, as Node cuts what it sets to whole ones
 * and a double is off by up to 0.24; 500 of them are not written in a millisecond.
 */
function distinct(milliseconds: number): number {
  stamps = (stamps + 1) % 500;
  return milliseconds + (2 * stamps + 1) / 1000;
}

function secondOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
