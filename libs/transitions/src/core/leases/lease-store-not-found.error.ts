import { TransitionsError } from '../model/errors.js';

/** What is known of stores when one is confirmed. */
export interface KnownStores {
  /** The store in use, or the one that is expected; undefined where none is known. */
  readonly expected?: string | undefined;
  /** The other one that answers; undefined where none does. */
  readonly found?: string | undefined;
}

/** A lease store was confirmed that is not there: nothing has changed. */
export class LeaseStoreNotFoundError extends TransitionsError {
  readonly code = 'TRANSITIONS_LEASE_STORE_NOT_FOUND';
  readonly expected: string | undefined;
  readonly found: string | undefined;

  constructor(
    /** What was confirmed. */
    readonly storeId: string,
    { expected, found }: KnownStores = {},
  ) {
    super(
      `Lease store ${storeId} was not found: ${sayKnown({ expected, found })}`,
    );
    this.expected = expected;
    this.found = found;
  }
}

function sayKnown({ expected, found }: KnownStores): string {
  if (found !== undefined) {
    return `${found} is there, and ${expected} is expected; confirm ${found} if that is to be used`;
  }
  return expected === undefined
    ? 'none is known yet'
    : `${expected} is in use, and no other has answered; nothing is to be confirmed`;
}
