import { meaningOf, type ChangeSet } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { ParticipantState } from '../model/participant.js';
import { isVolume } from '../model/step.js';
import type { Holdings } from '../model/topology.js';
import { isGroupIn, isVolumeIn } from '../plan/change-sets.js';
import type { BlockRecord } from '../run/block-record.js';
import type { SlicedWork } from '../time/slices.js';
import type { StateDraft } from './state-draft.js';

/** A block with the indexes of its steps in flight, which are not done. */
export interface Progress {
  readonly record: BlockRecord;
  readonly inFlight: ReadonlySet<number>;
}

type Undone = Map<string, Set<CallbackName>>;

/**
 * Corrects a draft that holds what was wanted, though some steps were not done.
 * For each target of such a step, what is held is computed again: from what was
 * held of it before and the steps that were done. All other targets need no
 * look.
 */
export function* leaveOutUndone(
  draft: StateDraft,
  before: ParticipantState,
  wanted: Holdings,
  blocks: readonly Progress[],
): SlicedWork<void> {
  const groups: Undone = new Map();
  const volumes: Undone = new Map();
  let steps = 0;
  for (const { record, inFlight } of blocks) {
    const { callback } = record.block;
    for (const target of record.undoneTargets(inFlight)) {
      if (++steps % 256 === 0) yield;
      if (target === null) continue;
      add(isVolume(target) ? volumes : groups, target.name, callback);
    }
  }
  const callbacks = blocks.map(({ record }) => record.block.callback);
  for (const [name, undone] of groups) {
    if (++steps % 256 === 0) yield;
    const [from, to] = [before.held.groups.get(name), wanted.groups.get(name)];
    draft.putGroup(name, from);
    for (const callback of doneOf(callbacks, undone, (set) =>
      isGroupIn(set, from, to),
    )) {
      draft.apply(callback, takesAway(callback) ? from! : to!);
    }
  }
  for (const [name, undone] of volumes) {
    if (++steps % 256 === 0) yield;
    const [from, to] = [
      before.held.volumes.get(name),
      wanted.volumes.get(name),
    ];
    draft.putVolume(name, from);
    for (const callback of doneOf(callbacks, undone, (set) =>
      isVolumeIn(set, from, to),
    )) {
      draft.apply(callback, takesAway(callback) ? from! : to!);
    }
  }
}

/** The callbacks of a plan that concern a target and were done, in order. */
function doneOf(
  callbacks: readonly CallbackName[],
  undone: ReadonlySet<CallbackName>,
  isIn: (set: ChangeSet) => boolean,
): CallbackName[] {
  return callbacks.filter((callback) => {
    const { targets } = meaningOf(callback);
    return targets !== undefined && !undone.has(callback) && isIn(targets);
  });
}

/** Whether the targets of a callback are held records, and not wanted ones. */
function takesAway(callback: CallbackName): boolean {
  return meaningOf(callback).direction === 'reverse';
}

function add(undone: Undone, name: string, callback: CallbackName): void {
  const callbacks = undone.get(name);
  if (callbacks === undefined) undone.set(name, new Set([callback]));
  else callbacks.add(callback);
}
