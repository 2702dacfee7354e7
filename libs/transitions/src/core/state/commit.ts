import { meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { ParticipantState } from '../model/participant.js';
import { isVolume, type Target } from '../model/step.js';
import type { Holdings } from '../model/topology.js';
import { inOrderOf } from '../plan/holdings.js';
import type { BlockRecord, Journal, RunningBlock } from '../run/journal.js';
import { StateDraft } from './state-draft.js';

/**
 * The states after what was done of a plan. A participant all of whose blocks
 * are complete holds exactly what was wanted, and shares that object with the
 * others. Steps in flight do not count.
 */
export function commitJournal(
  journal: Journal,
  states: readonly ParticipantState[],
  wanted: readonly Holdings[],
  running?: RunningBlock,
): ParticipantState[] {
  const recordsOf = states.map((): BlockRecord[] => []);
  for (const record of journal.records) {
    recordsOf[record.block.participant]!.push(record);
  }
  return states.map((state, index) =>
    stateAfter(state, recordsOf[index]!, wanted[index]!, running),
  );
}

/**
 * The state of a participant after the given blocks of that participant. Where
 * all of them are complete it holds what was wanted; otherwise the steps that
 * are done are applied one by one.
 */
export function stateAfter(
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

/** The state after one more step, as when an unknown callback settles after all. */
export function applyStep(
  state: ParticipantState,
  callback: CallbackName,
  target: Target,
): ParticipantState {
  const draft = new StateDraft(state);
  draft.apply(callback, target);
  return draft.finish();
}

const noneLeaving: ReadonlySet<string> = new Set();

function stillLeaving(
  leaving: ReadonlySet<string>,
  records: readonly BlockRecord[],
): ReadonlySet<string> {
  if (leaving.size === 0) return noneLeaving;
  const names = new Set(leaving);
  for (const { block } of records) {
    const { effect } = meaningOf(block.callback);
    if (effect !== 'unserves' && effect !== 'cancels') continue;
    for (const target of block.targets) {
      if (target !== null && isVolume(target)) names.delete(target.name);
    }
  }
  return names;
}
