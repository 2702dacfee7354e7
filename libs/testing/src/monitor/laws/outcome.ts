import { lineOf } from '../../call-log.js';
import { differencesOf } from '../differences.js';
import { isClean, type EndedTransition } from '../ended-transition.js';
import type { Held } from '../participant-model.js';
import type { Violation } from '../violation.js';

/** What is held after everything was taken down. Whoever is down is owed nothing. */
export const nothingHeld: Held = {
  up: false,
  signaled: true,
  groups: new Map(),
  volumes: new Map(),
  leaving: new Set(),
};

/** Each outcome has its reason, and what it says is so. */
export function* outcomeHolds(ended: EndedTransition): Generator<Violation> {
  const { report } = ended;
  if (isClean(report) !== (report.errors.length === 0)) {
    const message = isClean(report)
      ? `${report.outcome}, with an error: ${report.errors[0]!.message}`
      : `${report.outcome} without an error`;
    yield { invariant: 'I29', message };
  }
  if (report.outcome === 'rejected') yield* nothingCalled(ended);
  if (!isClean(report)) return;
  yield* report.kind === 'down' ? nothingLeft(ended) : asConfigured(ended);
}

/** Nothing but `validate`, which changes nothing. */
function* nothingCalled({ calls }: EndedTransition): Generator<Violation> {
  const call = calls.find(({ callback }) => callback !== 'validate');
  if (call === undefined) return;
  const message = `rejected, though ${lineOf(call)} was called`;
  yield { invariant: 'I23', message };
}

function* nothingLeft({ after }: EndedTransition): Generator<Violation> {
  for (const model of after) {
    for (const { text } of differencesOf(model, nothingHeld)) {
      yield { invariant: 'I19', message: `all is down, but ${text}` };
    }
  }
}

function* asConfigured(ended: EndedTransition): Generator<Violation> {
  const { report, calls, after, small, leftOver, absence } = ended;
  // What a loss has pre-empted is to go on, from what no configuration says.
  if (small?.kind === 'lost' && leftOver !== undefined) return;
  const confMap = calls[0]?.confMap;
  if (confMap === undefined) {
    yield* nothingHeard(ended);
    return;
  }
  const wanted = absence.wanted(confMap);
  for (const model of after) {
    for (const { text } of absence.differencesOf(model, wanted)) {
      yield { invariant: 'I16', message: `${report.outcome}, but ${text}` };
    }
  }
}

/** Whoever has them hears of every transition that is asked for. */
function* nothingHeard({
  report,
  after,
  reset,
  small,
  leftOver,
}: EndedTransition): Generator<Violation> {
  if (small !== undefined) return;
  const begins = report.kind === 'up' ? 'up' : 'signaledStart';
  // Whoever supersedes has asked before, and goes on with what has begun.
  const goesOn = leftOver !== undefined;
  const heard = after.find(
    (model) =>
      model.has('signaledFinish') ||
      (model.has(begins) && !goesOn) ||
      (model.has('validate') && !reset && !goesOn),
  );
  if (heard === undefined) return;
  const message = `${report.outcome}, though nothing was called, at ${heard.name} neither`;
  yield { invariant: 'I22', message };
}
