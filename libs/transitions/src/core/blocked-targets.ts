import type { CallbackName } from './callbacks.js';
import { isVolume } from './step.js';
import type { Target } from './plan.js';

/**
 * Nothing builds on these: what they announce may as well come, or stay away,
 * unannounced.
 */
export const announcements: ReadonlySet<CallbackName> = new Set([
  'volumeToBeUnserved',
  'volumeUnserveCancelled',
]);

/** Of which participants something holds. */
export type Participants = number | 'all';

// What a volume needs its group for; taking it away does not.
const buildsOnGroup: ReadonlySet<CallbackName> = new Set([
  'volumeCreated',
  'volumeMoved',
  'serveVolume',
]);

/**
 * Targets for which no further step may run, for one participant or for all: a
 * step failed that others build on, or its outcome is unknown.
 *
 * Nothing follows for a blocked volume. For a blocked group nothing follows,
 * and no volume is created, moved or served in it. A group is not destroyed
 * while a volume that is blocked is still in it.
 */
export class BlockedTargets {
  private readonly keys = new Set<string>();

  /** Whether nothing at all is blocked: the fast path. */
  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  /** `heldIn`: the group in which the participant still has the volume. */
  block(participants: Participants, target: Target, heldIn?: string): void {
    if (target === null) {
      this.keys.add(`${participants} itself`);
      return;
    }
    if (!isVolume(target)) {
      this.keys.add(`${participants} group ${target.name}`);
      return;
    }
    this.keys.add(`${participants} volume ${target.name}`);
    this.keys.add(`${participants} keeps ${target.groupName}`);
    if (heldIn !== undefined) this.keys.add(`${participants} keeps ${heldIn}`);
  }

  /** Blocks a single callback, and nothing that may follow it. */
  blockStep(participant: number, callback: CallbackName, target: Target): void {
    this.keys.add(stepKey(participant, callback, target));
  }

  has(participant: number, callback: CallbackName, target: Target): boolean {
    return (
      this.hasFor('all', callback, target) ||
      this.hasFor(participant, callback, target) ||
      this.keys.has(stepKey(participant, callback, target))
    );
  }

  private hasFor(
    participants: Participants,
    callback: CallbackName,
    target: Target,
  ): boolean {
    if (target === null) return this.keys.has(`${participants} itself`);
    if (isVolume(target)) {
      return (
        this.keys.has(`${participants} volume ${target.name}`) ||
        (buildsOnGroup.has(callback) &&
          this.keys.has(`${participants} group ${target.groupName}`))
      );
    }
    if (this.keys.has(`${participants} group ${target.name}`)) return true;
    return (
      callback === 'volumeGroupDestroyed' &&
      this.keys.has(`${participants} keeps ${target.name}`)
    );
  }
}

function stepKey(
  participant: number,
  callback: CallbackName,
  target: Target,
): string {
  return `${participant} ${callback} ${target === null ? 'itself' : target.name}`;
}
