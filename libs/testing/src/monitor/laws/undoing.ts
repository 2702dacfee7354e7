import { lineOf } from '../../call-log.js';
import type { EndedTransition } from '../ended-transition.js';
import { LetGo } from '../let-go.js';
import type { Violation } from '../violation.js';

/** No call is made twice in one direction: compensations cannot loop. */
export function* nothingTwice({
  calls,
}: EndedTransition): Generator<Violation> {
  const seen = new Set<string>();
  for (const call of calls) {
    const key = `${call.kind} ${call.participant} ${call.callback} ${call.target}`;
    if (seen.has(key)) {
      const message = `${lineOf(call)} (${call.kind}) came twice`;
      yield { invariant: 'I28', message };
    }
    seen.add(key);
  }
}

/**
 * A volume that another peer is to serve, and for which an unserveVolume was
 * issued, is not served again by undoing; with leases only if it is still ours,
 * and with a new token.
 */
export function* releasedForGood({
  calls,
  leftOver,
}: EndedTransition): Generator<Violation> {
  const letGo = new LetGo(leftOver?.letGo);
  for (const call of calls) {
    const { callback, kind, target = '' } = call;
    letGo.began(call);
    if (
      callback === 'serveVolume' &&
      kind === 'rollback' &&
      call.fencingToken === undefined &&
      letGo.has(target)
    ) {
      const message = `${lineOf(call)} undoes what another peer may build on by now`;
      yield { invariant: 'F35', message };
    }
  }
}

/** Forward steps are given the new configuration, compensations the old one. */
export function* configurationsGiven({
  report,
  calls,
}: EndedTransition): Generator<Violation> {
  const forward = calls.find(({ kind }) => kind === report.kind);
  if (forward === undefined) return;
  for (const call of calls) {
    const isForward = call.kind === report.kind || report.kind === 'up';
    const expected = isForward ? forward.confMap : forward.previous;
    if (call.confMap === expected) continue;
    // What is lost is told in either.
    if (call.kind === 'lost' && call.confMap === forward.confMap) continue;
    const message = `${lineOf(call)} (${call.kind}) was given the other configuration`;
    yield { invariant: 'I18', message };
  }
}
