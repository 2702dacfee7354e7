import { CallbackError } from '../model/errors.js';
import type { Participant } from '../model/participant.js';
import { stepOf } from '../model/step.js';
import type { Settlement, UnknownStep } from '../run/unknown-step.js';
import type { TransitionEvent } from './events.js';

/** The event that a callback which ran out of time has settled after all. */
export function settledLate(
  { callback, participant: index, target }: UnknownStep,
  settlement: Settlement,
  participants: readonly Participant[],
): TransitionEvent {
  const participant = participants[index]!;
  const step = stepOf(callback, participant, target);
  if (settlement.kind === 'returned') {
    return { type: 'callbackSettledLate', ...step };
  }
  const { order } = participant;
  const error = new CallbackError(step, order, undefined, settlement.thrown);
  return { type: 'callbackSettledLate', ...step, error };
}
