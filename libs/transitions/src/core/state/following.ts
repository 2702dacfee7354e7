import { meaningOf, takesAway } from '../model/callback-table.js';
import {
  implementsCallback,
  type Participant,
  type ParticipantState,
} from '../model/participant.js';
import { isVolume } from '../model/step.js';
import type { UnknownStep } from '../run/unknown-step.js';
import type { SlicedWork } from '../time/slices.js';
import { StateDraft } from './state-draft.js';

/** Who lacks the one gets the other. */
const tellingLoss = ['volumeLost', 'unserveVolume'] as const;

/**
 * The states after callbacks have settled late, in the order in which they have.
 * What one takes away is taken away from those that lack it too, as in a plan.
 * What it gives they get when nothing is left to call for its target; see
 * {@link makingWhole}. As work that can be sliced.
 */
export function* afterLate(
  states: readonly ParticipantState[],
  participants: readonly Participant[],
  settled: readonly UnknownStep[],
): SlicedWork<readonly ParticipantState[]> {
  const drafts = states.map((state) => new StateDraft(state));
  let applied = 0;
  for (const step of settled) {
    if (step.settlement?.kind !== 'returned') continue;
    if (++applied % 64 === 0) yield;
    drafts.forEach((draft, index) => {
      if (index === step.participant) draft.apply(step.callback, step.target);
      else if (hearsNothingOf(step, participants[index]!)) {
        takeLikewise(draft, step);
      }
    });
  }
  return applied === 0 ? states : drafts.map((draft) => draft.finish());
}

/** Whether a participant is not called for what a callback has done. */
function hearsNothingOf(
  { callback, isLost }: UnknownStep,
  participant: Participant,
): boolean {
  const called = isLost ? tellingLoss : [callback];
  return !called.some((each) => implementsCallback(participant, each));
}

function takeLikewise(
  draft: StateDraft,
  { callback, target }: UnknownStep,
): void {
  if (target === null || !takesAway(callback)) return;
  const own = isVolume(target)
    ? draft.volume(target.name)
    : draft.group(target.name);
  if (own === undefined) return;
  const forgets = meaningOf(callback).effect === 'forgets';
  // What is still served, or has a volume in it, is not forgotten.
  const isNeeded = isVolume(own) ? own.served : draft.hasVolumesIn(own.name);
  if (!forgets || !isNeeded) draft.apply(callback, own);
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
