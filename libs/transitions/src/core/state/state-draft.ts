import { meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { ParticipantState } from '../model/participant.js';
import { isVolume, type Target } from '../model/step.js';
import type { Holdings, Volume, VolumeGroup } from '../model/topology.js';
import { HoldingsEdit } from '../plan/difference.js';
import { hasVolumesIn } from '../plan/holdings.js';
import { groupAfter, volumeAfter } from './volume-after.js';

/**
 * A state to which steps are applied, each with the effect that the callback
 * table gives it. The cost depends only on what the steps change.
 */
export class StateDraft {
  private up: boolean;
  private awaitsFinish: boolean;
  private finishFailed: boolean;
  private leaving: Set<string> | undefined;
  private readonly held: HoldingsEdit;

  constructor(
    private readonly before: ParticipantState,
    held: Holdings = before.held,
  ) {
    this.up = before.up;
    this.awaitsFinish = before.awaitsFinish;
    this.finishFailed = before.finishFailed;
    this.held = new HoldingsEdit(held);
  }

  finish(): ParticipantState {
    return {
      up: this.up,
      awaitsFinish: this.awaitsFinish,
      finishFailed: this.finishFailed,
      held: this.held.build(),
      leaving: this.leaving ?? this.before.leaving,
    };
  }

  group(name: string): VolumeGroup | undefined {
    return this.held.group(name);
  }

  volume(name: string): Volume | undefined {
    return this.held.volume(name);
  }

  hasVolumesIn(volumeGroupName: string): boolean {
    return hasVolumesIn(this.held, volumeGroupName);
  }

  apply(callback: CallbackName, target: Target): void {
    if (target === null) return this.applyToItself(callback);
    const { name } = target;
    if (!isVolume(target)) {
      this.held.setGroup(name, groupAfter(callback, target));
      return;
    }
    const before = this.held.volume(name);
    this.held.setVolume(name, volumeAfter(callback, target, before));
    this.applyToLeaving(callback, name);
  }

  /** Sets what is held of a group, before steps are applied to it. */
  putGroup(name: string, group: VolumeGroup | undefined): void {
    this.held.setGroup(name, group);
  }

  /** Sets what is held of a volume, before steps are applied to it. */
  putVolume(name: string, volume: Volume | undefined): void {
    this.held.setVolume(name, volume);
  }

  applyToItself(callback: CallbackName): void {
    switch (meaningOf(callback).effect) {
      case 'comesUp':
        this.up = true;
        this.awaitsFinish = true;
        return;
      case 'goesDown':
        this.up = false;
        this.awaitsFinish = false;
        return;
      case 'begins':
        this.awaitsFinish = true;
        return;
      case 'finishes':
        this.awaitsFinish = false;
        this.finishFailed = false;
        return;
      default:
    }
  }

  /** The signaledFinish was called. It counts as failed until it is applied. */
  failSignaledFinish(): void {
    this.awaitsFinish = false;
    this.finishFailed = true;
  }

  /** Applies a callback to the set of volumes that are announced to leave. */
  applyToLeaving(callback: CallbackName, volumeName: string): void {
    const { effect } = meaningOf(callback);
    if (effect === 'announces') this.leavingDraft().add(volumeName);
    else if (effect === 'unserves' || effect === 'cancels') {
      const leaving = this.leaving ?? this.before.leaving;
      if (leaving.has(volumeName)) this.leavingDraft().delete(volumeName);
    }
  }

  private leavingDraft(): Set<string> {
    return (this.leaving ??= new Set(this.before.leaving));
  }
}
