import { meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { ParticipantState } from '../model/participant.js';
import { isVolume, type Target } from '../model/step.js';
import type { Volume, VolumeGroup } from '../model/topology.js';

/**
 * A state to which steps are applied, each with the effect that the table of
 * callbacks gives it. It copies what it changes, once.
 */
export class StateDraft {
  private up: boolean;
  private awaitsFinish: boolean;
  private finishFailed: boolean;
  private groups: Map<string, VolumeGroup> | undefined;
  private volumes: Map<string, Volume> | undefined;
  private leaving: Set<string> | undefined;

  constructor(private readonly before: ParticipantState) {
    this.up = before.up;
    this.awaitsFinish = before.awaitsFinish;
    this.finishFailed = before.finishFailed;
  }

  finish(): ParticipantState {
    const { held, leaving } = this.before;
    const changed = this.groups !== undefined || this.volumes !== undefined;
    return {
      up: this.up,
      awaitsFinish: this.awaitsFinish,
      finishFailed: this.finishFailed,
      held: changed
        ? {
            groups: this.groups ?? held.groups,
            volumes: this.volumes ?? held.volumes,
          }
        : held,
      leaving: this.leaving ?? leaving,
    };
  }

  apply(callback: CallbackName, target: Target): void {
    if (target === null) this.applyToItself(callback);
    else if (isVolume(target)) this.applyToVolume(callback, target);
    else this.applyToGroup(callback, target);
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

  /** The signaledFinish was seen, and failed, unless it turns out to be done after all. */
  failSignaledFinish(): void {
    this.awaitsFinish = false;
    this.finishFailed = true;
  }

  private applyToGroup(callback: CallbackName, group: VolumeGroup): void {
    this.groups ??= new Map(this.before.held.groups);
    if (meaningOf(callback).effect === 'forgets') {
      this.groups.delete(group.name);
    } else this.groups.set(group.name, group);
  }

  private applyToVolume(callback: CallbackName, volume: Volume): void {
    const { name } = volume;
    switch (meaningOf(callback).effect) {
      case 'announces':
        this.leavingDraft().add(name);
        return;
      case 'cancels':
        this.leavingDraft().delete(name);
        return;
      case 'forgets':
        this.volumesDraft().delete(name);
        return;
      case 'serves':
        this.volumesDraft().set(name, volume);
        return;
      case 'unserves':
        this.leavingDraft().delete(name);
        this.hold(volume, false);
        return;
      default:
        this.hold(volume, this.volumesDraft().get(name)?.served ?? false);
    }
  }

  /** Keeps the very record of the configuration where it says the same: deltas are quick then. */
  private hold(volume: Volume, served: boolean): void {
    this.volumesDraft().set(
      volume.name,
      volume.served === served ? volume : { ...volume, served },
    );
  }

  private volumesDraft(): Map<string, Volume> {
    return (this.volumes ??= new Map(this.before.held.volumes));
  }

  private leavingDraft(): Set<string> {
    return (this.leaving ??= new Set(this.before.leaving));
  }
}
