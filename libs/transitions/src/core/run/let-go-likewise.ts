import { isAnnouncement, takesAway } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { SlicedWork } from '../time/slices.js';
import type { Target } from '../model/step.js';
import type { BlockRecord } from './block-record.js';
import type { BlockedTargets } from './blocked-targets.js';
import { leftByCalls } from './left-by-calls.js';

// Whoever lacks a callback comes last in its phase. What the calls took from anybody
// is taken from it as well, and what they left with everybody it keeps: it never
// counts as holding what no call gave, or as lacking what all have.

/**
 * Before the steps of a participant that lacks the callback: blocks those for what
 * is blocked for all, and nobody has let go of. As work that can be sliced.
 */
export function* keepingWhatIsLeft(
  { block: { callback, participant } }: BlockRecord,
  records: readonly BlockRecord[],
  blocked: BlockedTargets,
): SlicedWork<void> {
  if (!endsHolding(callback)) return;
  for (const target of yield* leftByCalls(records, callback)) {
    if (blocked.has(participant, callback, target)) {
      blocked.blockStep(participant, callback, target);
    }
  }
}

/**
 * A run was halted before the record at `place`, maybe inside a phase that takes
 * something away, and the turn of those that lack its callback did not come. They
 * let go all the same of what any call has let go of, but for what they are to be
 * told of. As work that can be sliced.
 */
export function* lettingGoLikewise(
  records: readonly BlockRecord[],
  place: number,
  blocked: BlockedTargets,
  isToBeTold: (record: BlockRecord, target: Target) => boolean,
): SlicedWork<void> {
  const callback = records[place - 1]?.block.callback;
  if (callback === undefined || !endsHolding(callback)) return;
  const late = records
    .slice(place)
    .filter(({ called, block }) => !called && block.callback === callback);
  if (late.length === 0) return;
  const left = yield* leftByCalls(records, callback);
  const names = new Set(left.map(({ name }) => name));
  let steps = 0;
  for (const record of late) {
    const { participant, targets } = record.block;
    const stays = (index: number): boolean => {
      const target = targets[index]!;
      if (target !== null && names.has(target.name)) return true;
      return (
        blocked.hasOwn(participant, callback, target) ||
        isToBeTold(record, target)
      );
    };
    let end = targets.length;
    for (; end > 0 && stays(end - 1); end--) if (++steps % 256 === 0) yield;
    for (let index = 0; index < end; index++) {
      if (++steps % 256 === 0) yield;
      if (stays(index)) record.note(index, { kind: 'skipped' });
    }
    record.started = end;
  }
}

/** Whether what a callback takes away is held, and not only announced. */
function endsHolding(callback: CallbackName): boolean {
  return takesAway(callback) && !isAnnouncement(callback);
}
