import type { LeaseKeeper, ServingLeases } from 'nestjs-transitions/core';

/** What may be wrong in a run: bugs that are seeded to try the simulation itself. */
export interface Bugs {
  /** Takes the place of the lease logic. */
  readonly keeper?: typeof LeaseKeeper;
  /** Stands between the lease logic and its store. */
  readonly wrapLeases?: (leases: ServingLeases) => ServingLeases;
  readonly ignoresWallClock?: boolean;
  readonly forgetsStore?: boolean;
  readonly gateDoesNotCheck?: boolean;
  readonly releasesBeforeUnserve?: boolean;
  readonly releasesAfterFailedUnserve?: boolean;
  readonly resourceTakesAnyToken?: boolean;
  readonly storeKeepsTokens?: boolean;
  readonly storeReplacesOwnKeys?: boolean;
  readonly storeReleasesAnyToken?: boolean;
}
