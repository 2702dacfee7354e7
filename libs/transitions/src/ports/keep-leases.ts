import { LeaseKeeper } from '../core/leases/lease-keeper.js';
import type { MakeLeases } from '../core/leases/serving.js';
import type { ServingLeases } from '../core/leases/serving-leases.js';
import { systemClock } from './system-clock.js';

/** Leases of this process in a store, by the clocks of the machine. */
export function keepLeases(leases: ServingLeases): MakeLeases {
  return (owner, listener) =>
    new LeaseKeeper(
      {
        leases,
        clock: systemClock,
        wallClock: () => Date.now(),
        random: Math.random,
      },
      { owner },
      listener,
    );
}
