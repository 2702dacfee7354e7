import type { WaitingVolume } from '../leases/lease-books.js';

/** A volume that the configuration gives to this peer and that it cannot have yet. */
export interface VolumeWaitedFor {
  readonly volume: string;
  /**
   * The peer that holds it; undefined where nobody is known, as when the store of
   * leases cannot be reached.
   */
  readonly holder: string | undefined;
  /**
   * The session under which that peer holds it, as the store names it. So another
   * process of the same name is told from this one, and an operator can end it.
   */
  readonly session: string | undefined;
  /** Since when it has been waited for, by the wall clock, in milliseconds. */
  readonly since: number;
}

/** What is told of those that wait. */
export function waitedFor(
  waiting: readonly WaitingVolume[],
): readonly VolumeWaitedFor[] {
  return waiting.map(({ volume, holder, since }) => ({
    volume,
    holder: holder?.owner,
    session: holder?.session,
    since,
  }));
}
