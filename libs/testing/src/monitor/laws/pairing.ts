import type { TransitionOutcome } from 'nestjs-transitions/core';
import type { EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';

/**
 * Each signaledStart that returned is followed by a signaledFinish: in its own
 * transition, or in the next one where it was late, or its own was superseded.
 */
export function* finishesOwed({
  report,
  steps,
  before,
  after,
  unknown,
  small,
}: EndedTransition): Generator<Violation> {
  // Those have neither.
  if (small !== undefined) return;
  if (report.kind === 'down') return;
  if (leavesOpen.has(report.outcome)) return;
  for (const [index, model] of after.entries()) {
    const { name } = model;
    if (!model.signaled || !model.up || !model.has('signaledFinish')) continue;
    // Nothing is called for a participant that is unknown itself.
    const isUnknown = unknown.some(
      ({ participant, target }) => participant === name && target === undefined,
    );
    if (isUnknown) continue;
    const wasLate = steps.some(
      ({ participant, callback, outcome }) =>
        participant === name &&
        (callback === 'signaledStart' || callback === 'up') &&
        outcome === 'unknown',
    );
    if (wasLate && !before[index]!.signaled) continue;
    const message = `${report.outcome}, but ${name} has had no signaledFinish`;
    yield { invariant: 'I15', message };
  }
}

// Nothing was called, or the next transition goes on.
const leavesOpen: ReadonlySet<TransitionOutcome> = new Set([
  'rejected',
  'failed',
  'superseded',
]);
