import { isAnnouncement, takesAway } from '../model/callback-table.js';
import type { SlicedWork } from '../time/slices.js';
import type { BlockRecord } from './block-record.js';
import type { BlockedTargets } from './blocked-targets.js';
import { leftByCalls } from './left-by-calls.js';

/**
 * A run was halted before the record at `place`, maybe inside a phase that takes
 * something away. Whoever lacks the callback of that phase comes last in it, and
 * its turn did not come. It lets go all the same of what any call has let go of:
 * otherwise it would count as holding what nobody holds any more. As work that
 * can be sliced.
 */
export function* lettingGoLikewise(
  records: readonly BlockRecord[],
  place: number,
  blocked: BlockedTargets,
): SlicedWork<void> {
  const callback = records[place - 1]?.block.callback;
  if (callback === undefined) return;
  if (!takesAway(callback) || isAnnouncement(callback)) return;
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
      return blocked.hasOwn(participant, callback, target);
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
