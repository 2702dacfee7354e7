import { meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import { isVolume } from '../model/step.js';
import type { Target } from '../model/step.js';

/** For which participants a target is blocked. */
export type Participants = number | 'all';

/**
 * The targets for which no further step may run, at one participant or at all,
 * because a step on which others build has failed, or its outcome is unknown.
 *
 * For a blocked volume nothing follows. For a blocked group nothing follows
 * either, and no volume is created, moved or served in it. A group is not
 * destroyed while a blocked volume is still in it.
 */
export class BlockedTargets {
  private readonly keys = new Set<string>();
  /** Of all targets that any key is about. */
  private readonly names = new Set<string>();
  private empty = true;

  /**
   * Whether nothing is blocked: the fast path, asked before each of a million
   * steps.
   */
  get isEmpty(): boolean {
    return this.empty;
  }

  /** `heldIn` is the group in which the participant still has the volume. */
  block(participants: Participants, target: Target, heldIn?: string): void {
    if (target === null) {
      this.add(`${participants} itself`);
      return;
    }
    if (!isVolume(target)) {
      this.add(`${participants} group ${target.name}`, target.name);
      return;
    }
    this.add(`${participants} volume ${target.name}`, target.name);
    this.add(`${participants} keeps ${target.groupName}`, target.groupName);
    if (heldIn !== undefined) {
      this.add(`${participants} keeps ${heldIn}`, heldIn);
    }
  }

  /**
   * From now on no participant serves the volume, or the volumes of the group,
   * or has their departure cancelled: an earlier participant failed in a step
   * on which serving builds.
   */
  blockServing(target: NonNullable<Target>): void {
    this.add(`serving ${keyOf(target)}`, target.name);
  }

  /** Blocks a single callback, but nothing that may follow it. */
  blockStep(participant: number, callback: CallbackName, target: Target): void {
    this.add(
      stepKey(participant, callback, target),
      ...(target === null ? [] : [target.name]),
    );
  }

  has(participant: number, callback: CallbackName, target: Target): boolean {
    // Asked for each of maybe a million targets, of which few are blocked.
    if (target !== null && !this.isNamed(target)) return false;
    return (
      this.hasServing(callback, target) ||
      this.hasFor('all', callback, target) ||
      this.hasOwn(participant, callback, target)
    );
  }

  /** The same, for what this very participant failed in, or passed over. */
  hasOwn(participant: number, callback: CallbackName, target: Target): boolean {
    return (
      this.hasFor(participant, callback, target) ||
      this.keys.has(stepKey(participant, callback, target))
    );
  }

  private isNamed(target: NonNullable<Target>): boolean {
    if (this.names.has(target.name)) return true;
    return isVolume(target) && this.names.has(target.groupName);
  }

  private add(key: string, ...names: readonly string[]): void {
    this.keys.add(key);
    for (const name of names) this.names.add(name);
    this.empty = false;
  }

  private hasServing(callback: CallbackName, target: Target): boolean {
    const { effect } = meaningOf(callback);
    if (effect !== 'serves' && effect !== 'cancels') return false;
    if (target === null || !isVolume(target)) return false;
    return (
      this.keys.has(`serving ${keyOf(target)}`) ||
      this.keys.has(`serving group ${target.groupName}`)
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
        (meaningOf(callback).needsGroup === true &&
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

function keyOf(target: NonNullable<Target>): string {
  return `${isVolume(target) ? 'volume' : 'group'} ${target.name}`;
}

function stepKey(
  participant: number,
  callback: CallbackName,
  target: Target,
): string {
  return `${participant} ${callback} ${target === null ? 'itself' : target.name}`;
}
