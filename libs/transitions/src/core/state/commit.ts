import { meaningOf } from '../model/callback-table.js';
import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import type { BlockRecord, RunningBlock } from '../run/block-record.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import { StateDraft } from './state-draft.js';
import { leaveOutUndone, type Progress } from './leave-out-undone.js';

/**
 * The states after as much of a plan as was done, as work that can be sliced.
 * If all blocks of a participant are complete, it holds exactly what was
 * wanted, and shares that object with the others. Steps in flight do not count.
 */
export function* committing(
  records: readonly BlockRecord[],
  states: readonly ParticipantState[],
  wanted: readonly Holdings[],
  running?: RunningBlock,
): SlicedWork<ParticipantState[]> {
  const recordsOf = states.map((): BlockRecord[] => []);
  for (const record of records) {
    recordsOf[record.block.participant]!.push(record);
  }
  const advances = states.map((state, index) => ({
    state,
    records: recordsOf[index]!,
    wanted: wanted[index]!,
  }));
  const after: ParticipantState[] = [];
  for (const own of advances) {
    yield;
    // Most participants come equally far, and share what they hold.
    const like = after.findIndex((_, other) => isAlike(own, advances[other]!));
    after.push(
      like >= 0 && running === undefined
        ? after[like]!
        : yield* advancing(own.state, own.records, own.wanted, running),
    );
  }
  return after;
}

/** How far one participant has come, from what and to what. */
interface Advance {
  readonly state: ParticipantState;
  readonly records: readonly BlockRecord[];
  readonly wanted: Holdings;
}

/** Whether two participants held the same and have come equally far to the same. */
function isAlike(one: Advance, other: Advance): boolean {
  const [a, b] = [one.state, other.state];
  return (
    a.held === b.held &&
    a.up === b.up &&
    a.awaitsFinish === b.awaitsFinish &&
    a.finishFailed === b.finishFailed &&
    a.leaving.size + b.leaving.size === 0 &&
    one.wanted === other.wanted &&
    one.records.length === other.records.length &&
    one.records.every((record, index) =>
      record.isAsFarAs(other.records[index]!),
    )
  );
}

/** {@link committing} for one participant and its blocks, at once. */
export function stateAfter(
  state: ParticipantState,
  records: readonly BlockRecord[],
  wanted: Holdings,
  running?: RunningBlock,
): ParticipantState {
  return doAtOnce(advancing(state, records, wanted, running));
}

const noSteps: ReadonlySet<number> = new Set();

/**
 * The state of a participant after the given blocks of that participant. If all
 * of them are complete, it holds what was wanted. Otherwise the shorter way is
 * taken: either the steps that were done are applied to what was held, or those
 * that were not done are left out of what was wanted.
 */
function* advancing(
  state: ParticipantState,
  records: readonly BlockRecord[],
  wanted: Holdings,
  running: RunningBlock | undefined,
): SlicedWork<ParticipantState> {
  const blocks = records.map((record): Progress => {
    const isRunning =
      record === running?.record || record === running?.follower;
    return { record, inFlight: isRunning ? running.inFlight : noSteps };
  });
  const done = sum(
    blocks,
    ({ record, inFlight }) => record.done - inFlight.size,
  );
  const undone = sum(records, ({ block }) => block.targets.length) - done;
  const draft = new StateDraft(state, undone <= done ? wanted : state.held);
  for (const { record } of blocks) {
    // A signaledFinish counts once it was called, so that nobody sees it twice.
    if (record.block.callback === 'signaledFinish' && record.wasCalled) {
      draft.failSignaledFinish();
    }
  }
  if (undone <= done) {
    yield* applyBesidesHeld(draft, state, blocks);
    yield* leaveOutUndone(draft, state, wanted, blocks);
  } else yield* applyDone(draft, blocks);
  return draft.finish();
}

function* applyDone(
  draft: StateDraft,
  blocks: readonly Progress[],
): SlicedWork<void> {
  let applied = 0;
  for (const { record, inFlight } of blocks) {
    const { callback } = record.block;
    for (const target of record.doneTargets(inFlight)) {
      if (++applied % 256 === 0) yield;
      draft.apply(callback, target);
    }
  }
}

/**
 * What steps change besides what is held: the participant itself, and which
 * volumes are leaving.
 */
function* applyBesidesHeld(
  draft: StateDraft,
  { leaving }: ParticipantState,
  blocks: readonly Progress[],
): SlicedWork<void> {
  let applied = 0;
  for (const { record, inFlight } of blocks) {
    const { callback } = record.block;
    const { about, effect } = meaningOf(callback);
    const endsLeaving = effect === 'unserves' || effect === 'cancels';
    if (about !== 'participant' && !(endsLeaving && leaving.size > 0)) continue;
    for (const target of record.doneTargets(inFlight)) {
      if (++applied % 256 === 0) yield;
      if (target === null) draft.applyToItself(callback);
      else draft.applyToLeaving(callback, target.name);
    }
  }
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
