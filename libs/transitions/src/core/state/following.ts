import { meaningOf, takesAway } from '../model/callback-table.js';
import {
  implementsCallback,
  type Participant,
  type ParticipantState,
} from '../model/participant.js';
import { isVolume } from '../model/step.js';
import { volumesIn } from '../plan/holdings.js';
import type { UnknownStep } from '../run/unknown-step.js';
import { applyStep } from './commit.js';

/**
 * The states after a callback has returned late. What it takes away is taken
 * away from those that lack it too, as in a plan. What it gives they get when
 * nothing is left to call for its target; see {@link madeWhole}.
 */
export function afterLate(
  states: readonly ParticipantState[],
  participants: readonly Participant[],
  step: UnknownStep,
): readonly ParticipantState[] {
  const { participant, callback, target } = step;
  return states.map((state, index) => {
    if (index === participant) return applyStep(state, callback, target);
    return implementsCallback(participants[index]!, callback)
      ? state
      : withoutTaken(state, step);
  });
}

function withoutTaken(
  state: ParticipantState,
  { callback, target }: UnknownStep,
): ParticipantState {
  if (target === null || !takesAway(callback)) return state;
  const { groups, volumes } = state.held;
  const own = (isVolume(target) ? volumes : groups).get(target.name);
  if (own === undefined) return state;
  const forgets = meaningOf(callback).effect === 'forgets';
  // What is still served, or has a volume in it, is not forgotten.
  const isNeeded = isVolume(own)
    ? own.served
    : volumesIn(state.held, own.name).length > 0;
  return forgets && isNeeded ? state : applyStep(state, callback, own);
}

/** Nobody is owed a signaledFinish that it lacks, after a late signaledStart either. */
export function withoutOwedInVain(
  states: readonly ParticipantState[],
  participants: readonly Participant[],
): readonly ParticipantState[] {
  return states.map((state, index) =>
    state.awaitsFinish &&
    !implementsCallback(participants[index]!, 'signaledFinish')
      ? { ...state, awaitsFinish: false }
      : state,
  );
}
