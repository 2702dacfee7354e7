import type { CallbackName } from '../model/callbacks.js';
import type { BlockRecord, RunningBlock } from '../run/journal.js';
import type { ParticipantState } from '../model/participant.js';
import type { Target } from '../plan/plan.js';
import { inOrderOf } from '../plan/holdings.js';
import type { Holdings, Volume, VolumeGroup } from '../model/topology.js';

const noneLeaving: ReadonlySet<string> = new Set();
const endsLeaving: ReadonlySet<CallbackName> = new Set([
  'unserveVolume',
  'volumeUnserveCancelled',
]);

/**
 * The state of a participant after the blocks of its that are given. Where all
 * are complete it holds what was wanted; otherwise the steps that are done are
 * applied one by one.
 */
export function applyTo(
  state: ParticipantState,
  records: readonly BlockRecord[],
  wanted: Holdings,
  running?: RunningBlock,
): ParticipantState {
  const draft = new StateDraft(state);
  const isRunning = (record: BlockRecord): boolean =>
    record === running?.record || record === running?.follower;
  const isDone = (record: BlockRecord): boolean =>
    record.complete && !(isRunning(record) && running!.inFlight.size > 0);
  if (records.every(isDone)) {
    for (const { block } of records) draft.applyToItself(block.callback);
    return {
      ...draft.finish(),
      held: wanted,
      leaving: stillLeaving(state.leaving, records),
    };
  }
  for (const record of records) {
    // That signaledFinish was called is what counts: nobody sees it twice.
    if (record.block.callback === 'signaledFinish' && record.wasCalled) {
      draft.failSignaledFinish();
    }
    const inFlight = isRunning(record) ? running!.inFlight : undefined;
    for (const target of record.doneTargets(inFlight)) {
      draft.apply(record.block.callback, target);
    }
  }
  const { held, ...rest } = draft.finish();
  return {
    ...rest,
    held: held === state.held ? held : inOrderOf(wanted, held),
  };
}

function stillLeaving(
  leaving: ReadonlySet<string>,
  records: readonly BlockRecord[],
): ReadonlySet<string> {
  if (leaving.size === 0) return noneLeaving;
  const names = new Set(leaving);
  for (const { block } of records) {
    if (!endsLeaving.has(block.callback)) continue;
    for (const target of block.targets) names.delete(target!.name);
  }
  return names;
}

/** The state after one more step, as when an overdue callback settles after all. */
export function applyStep(
  state: ParticipantState,
  callback: CallbackName,
  target: Target,
): ParticipantState {
  const draft = new StateDraft(state);
  draft.apply(callback, target);
  return draft.finish();
}

class StateDraft {
  private up: boolean;
  private signaled: boolean;
  private unfinished: boolean;
  private groups: Map<string, VolumeGroup> | undefined;
  private volumes: Map<string, Volume> | undefined;
  private leaving: Set<string> | undefined;

  constructor(private readonly before: ParticipantState) {
    this.up = before.up;
    this.signaled = before.signaled;
    this.unfinished = before.unfinished;
  }

  finish(): ParticipantState {
    const { held, leaving } = this.before;
    const changed = this.groups !== undefined || this.volumes !== undefined;
    return {
      up: this.up,
      signaled: this.signaled,
      unfinished: this.unfinished,
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
    else if ('groupName' in target) this.applyToVolume(callback, target);
    else this.applyToGroup(callback, target);
  }

  applyToItself(callback: CallbackName): void {
    if (callback === 'up') {
      this.up = true;
      this.signaled = true;
    } else if (callback === 'down') {
      this.up = false;
      this.signaled = false;
    } else if (callback === 'signaledStart') this.signaled = true;
    else if (callback === 'signaledFinish') {
      this.signaled = false;
      this.unfinished = false;
    }
  }

  /** Unless it turns out to be done after all. */
  failSignaledFinish(): void {
    this.signaled = false;
    this.unfinished = true;
  }

  private applyToGroup(callback: CallbackName, group: VolumeGroup): void {
    this.groups ??= new Map(this.before.held.groups);
    if (callback === 'volumeGroupDestroyed') this.groups.delete(group.name);
    else this.groups.set(group.name, group);
  }

  private applyToVolume(callback: CallbackName, volume: Volume): void {
    switch (callback) {
      case 'volumeToBeUnserved':
        this.leavingDraft().add(volume.name);
        return;
      case 'volumeUnserveCancelled':
        this.leavingDraft().delete(volume.name);
        return;
      case 'volumeDestroyed':
        this.volumesDraft().delete(volume.name);
        return;
      case 'serveVolume':
        this.volumesDraft().set(volume.name, volume);
        return;
      case 'unserveVolume':
      case 'volumeLost':
        this.leavingDraft().delete(volume.name);
        this.setServed(volume, false);
        return;
      default: {
        const held = this.volumesDraft().get(volume.name);
        this.setServed(volume, held?.served ?? false);
      }
    }
  }

  /** Keeps the very record of the configuration where it says the same: deltas are quick then. */
  private setServed(volume: Volume, served: boolean): void {
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
