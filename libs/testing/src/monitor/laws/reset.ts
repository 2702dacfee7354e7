import { lineOf } from '../../call-log.js';
import type { EndedTransition } from '../ended-transition.js';
import { mayBeWithin } from '../reset-scope.js';
import type { Violation } from '../violation.js';

/**
 * A reset calls nothing for anything but what it resets, and frames that as every
 * transition is framed. For a participant that is all: what it holds is held by
 * those around it as well.
 */
export function* resetAlone({
  calls,
  reset,
}: EndedTransition): Generator<Violation> {
  if (reset === undefined) return;
  for (const call of calls) {
    // Undoing one puts back what settled late meanwhile as well.
    if (call.kind === 'rollback') continue;
    const isMeant = reset.participant === undefined && mayBeWithin(call, reset);
    if (call.target === undefined || isMeant) continue;
    const message = `a reset of something else calls ${lineOf(call)}`;
    yield { invariant: 'I47', message };
  }
}
