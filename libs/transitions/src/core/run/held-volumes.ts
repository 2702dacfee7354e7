import type { HeldVolume } from '../leases/lease-books.js';
import type { Target } from '../model/step.js';

/** What this process holds leases of, as the steps of a run need it. */
export interface HeldVolumes {
  /** Undefined where the volume is not ours at this very moment. */
  held(volumeName: string): HeldVolume | undefined;
  /** Whether nobody has found it lost yet. It does not look at the clocks, and so is cheap. */
  isClaimed(volumeName: string): boolean;
  /** @throws LeaseLostError where the volume is not ours at this very moment. */
  assertHeld(volumeName: string): void;
}

/** Undefined where no leases are on, and where the target is not ours. */
export function heldNow(
  leases: HeldVolumes | undefined,
  target: Target,
): HeldVolume | undefined {
  return target === null ? undefined : leases?.held(target.name);
}
