import { SupersededError } from 'nestjs-transitions/core';
import { lineOf } from '../../call-log.js';
import type { EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';

/**
 * Only a reload is superseded, by a newer generation that it names, and without
 * undoing anything: its configuration does not come into force.
 */
export function* supersededRightly({
  report,
  lastGeneration,
  calls,
  reset,
}: EndedTransition): Generator<Violation> {
  const { outcome, kind, configuration, supersededBy, errors } = report;
  const found = (message: string): Violation => ({
    invariant: 'I50',
    message: `${outcome}, ${message}`,
  });
  if (outcome !== 'superseded') {
    if (supersededBy !== undefined) yield found(`by ${supersededBy}`);
    return;
  }
  if (kind !== 'signaled' || reset) yield found('though it is no reload');
  if (configuration !== 'old') yield found('and in force');
  const [cause] = errors;
  const named = cause instanceof SupersededError ? cause.generation : undefined;
  const own = calls.find(({ callback }) => callback !== 'validate')?.generation;
  if (named === undefined || named !== supersededBy) {
    yield found(`by ${supersededBy}, and its cause names ${named}`);
  } else if (named <= (own ?? lastGeneration)) {
    yield found(`by ${named}, which is not newer`);
  }
  const back = calls.find((call) => call.kind === 'rollback');
  if (back !== undefined) yield found(`and ${lineOf(back)} undoes something`);
}

/** Who is asked for a newer configuration has nothing else to do: no other call is in flight. */
export function* askedAtRest({
  steps,
  calls,
  askedBeside,
}: EndedTransition): Generator<Violation> {
  for (const { asked, open } of askedBeside) {
    for (const call of open) {
      // One whose time is up is not waited for.
      if (steps[calls.indexOf(call)]?.outcome === 'unknown') continue;
      const message = `${lineOf(asked)} of a newer reload, while ${lineOf(call)} ran`;
      yield { invariant: 'I10', message };
    }
  }
}
