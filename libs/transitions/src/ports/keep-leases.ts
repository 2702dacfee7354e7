import { LeaseKeeper } from '../core/leases/lease-keeper.js';
import type { StoreMemory } from '../core/leases/lease-ports.js';
import type { MakeLeases } from '../core/leases/serving.js';
import type { ServingLeases } from '../core/leases/serving-leases.js';
import type { Clock } from '../core/time/clock.js';
import { systemClock } from './system-clock.js';
import { startTimer, stayAlive } from './timers.js';

// What could not be let go is held until the process ends, and must not keep it alive.
const clock: Clock = {
  ...systemClock,
  startTimer: (callback, milliseconds) =>
    startTimer(callback, milliseconds, { keepsAlive: false }),
};

/**
 * Leases of this process in a store, by the clocks of the machine.
 *
 * @param memory - undefined: of each process the first store that answers is the right one
 */
export function keepLeases(
  leases: ServingLeases,
  memory: StoreMemory | undefined,
): MakeLeases {
  return (owner, listener) =>
    new LeasesOfProcess(
      { leases, clock, wallClock: Date.now, random: Math.random, memory },
      { owner },
      listener,
    );
}

/**
 * A process with leases stays alive until they end, whether or not the store can
 * be reached: it may have nothing else to do while it waits for its volumes.
 */
class LeasesOfProcess extends LeaseKeeper {
  private letDie = (): void => {};

  override start(): void {
    this.letDie = stayAlive();
    super.start();
  }

  override end(): Promise<readonly string[]> {
    // Whoever waits for the end knows for how long.
    this.letDie();
    return super.end();
  }
}
