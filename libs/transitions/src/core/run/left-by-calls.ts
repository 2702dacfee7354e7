import type { CallbackName } from '../model/callbacks.js';
import type { Target } from '../model/step.js';
import type { SlicedWork } from '../time/slices.js';
import type { BlockRecord } from './block-record.js';

/**
 * The targets that calls of a callback were to take away, and that every one of
 * them left as they were: it failed, ran out of time, or was not made. As work
 * that can be sliced.
 */
export function* leftByCalls(
  records: readonly BlockRecord[],
  callback: CallbackName,
): SlicedWork<readonly NonNullable<Target>[]> {
  const calls = records.filter(
    ({ called, block }) => called && block.callback === callback,
  );
  const left = new Map<string, NonNullable<Target>>();
  let steps = 0;
  for (const record of calls) {
    for (const target of record.undoneTargets()) {
      if (++steps % 256 === 0) yield;
      if (target !== null) left.set(target.name, target);
    }
  }
  for (const record of calls) {
    if (left.size === 0) break;
    for (const target of record.doneTargets()) {
      if (++steps % 256 === 0) yield;
      if (target !== null) left.delete(target.name);
    }
  }
  return [...left.values()];
}
