import { CallbackTimeoutError, LeaseLostError } from 'nestjs-transitions/core';
import { lineOf } from '../../call-log.js';
import { isClean, type EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';

/** The steps of the report are the calls that were made, and every error of them is in it. */
export function* stepsReported(ended: EndedTransition): Generator<Violation> {
  const { steps, calls } = ended;
  const [reported, made] = [steps, calls].map((lines) =>
    lines.map(
      ({ participant, callback, target }) =>
        `${participant}.${callback} ${target}`,
    ),
  ) as [string[], string[]];
  const at = made.findIndex((line, index) => line !== reported[index]);
  if (at !== -1 || made.length !== reported.length) {
    const where = at === -1 ? made.length : at;
    const message = `step ${where} of the report is ${reported[where]}, the call was ${made[where]}`;
    yield { invariant: 'I29', message };
    return;
  }
  yield* outcomesReported(ended);
  yield* errorsReported(ended);
}

function* outcomesReported({
  steps,
  calls,
}: EndedTransition): Generator<Violation> {
  for (const [index, { outcome, error }] of steps.entries()) {
    const call = calls[index]!;
    const fits =
      outcome === 'unknown'
        ? error instanceof CallbackTimeoutError
        : outcome === call.outcome;
    if (fits) continue;
    const message = `the report says ${outcome} of ${lineOf(call)}, which is ${call.outcome}`;
    yield { invariant: 'I24', message };
  }
}

function* errorsReported({
  steps,
  report,
}: EndedTransition): Generator<Violation> {
  // What failed on the way, and was done after all, is told by the steps alone.
  if (isClean(report)) return;
  for (const { participant, callback, error } of steps) {
    // What vetoes is reported as a veto.
    if (error === undefined || callback === 'validate') continue;
    // It found that its volume is lost, which is no failure.
    if (error.cause instanceof LeaseLostError) continue;
    if (report.errors.includes(error)) continue;
    const message = `${participant}.${callback} failed, and nothing is said of it in ${report.outcome}`;
    yield { invariant: 'I29', message };
  }
}
