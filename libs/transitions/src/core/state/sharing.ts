import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import { isSameDifference } from '../plan/difference.js';
import { rebasing } from '../plan/holdings.js';
import type { SlicedWork } from '../time/slices.js';

/**
 * The same states, in which participants share what they hold. Those that hold
 * what is wanted share that very object. Those that differ hold a difference from
 * it, and share it with those that differ in the same way.
 */
export function* sharing(
  states: readonly ParticipantState[],
  wanted: Holdings,
): SlicedWork<readonly ParticipantState[]> {
  const shared = new Map<Holdings, Holdings>([[wanted, wanted]]);
  for (const { held } of states) {
    if (shared.has(held)) continue;
    const own = yield* rebasing(held, wanted);
    const like = [...shared.values()].find((other) =>
      isSameDifference(other, own),
    );
    shared.set(held, like ?? own);
  }
  return states.map((state) => {
    const held = shared.get(state.held)!;
    return held === state.held ? state : { ...state, held };
  });
}
