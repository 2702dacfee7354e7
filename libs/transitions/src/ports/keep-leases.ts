import { LeaseKeeper } from '../core/leases/lease-keeper.js';
import type { StoreMemory } from '../core/leases/lease-ports.js';
import type { MakeLeases } from '../core/leases/serving.js';
import type { ServingLeases } from '../core/leases/serving-leases.js';
import type { Clock } from '../core/time/clock.js';
import { systemClock } from './system-clock.js';
import { startTimer } from './timers.js';

// It is for the keeper as a whole to keep the process alive, and only until it begins to end:
// what could not be let go then is held until the process ends.
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
    new LivingLeaseKeeper(
      { leases, clock, wallClock: Date.now, random: Math.random, memory },
      { owner },
      listener,
    );
}

/**
 * Keeps the process alive until it begins to end. A worker that listens to nothing may
 * have nothing else to do while it waits for volumes, as after a loss.
 */
class LivingLeaseKeeper extends LeaseKeeper {
  private letDie = (): void => {};

  override start(): void {
    const alive = setInterval(() => {}, 2 ** 31 - 1);
    this.letDie = () => clearInterval(alive);
    super.start();
  }

  override beginToEnd(): void {
    this.letDie();
    super.beginToEnd();
  }
}
