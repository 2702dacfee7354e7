import { TooManyUnservedError } from 'nestjs-transitions/core';
import type { EndedTransition } from '../ended-transition.js';
import { namesIn } from '../participant-model.js';
import type { Violation } from '../violation.js';

/**
 * A reload that would unserve too much counts what is really served. Whoever has
 * one of serveVolume and unserveVolume may count as serving what others do not:
 * what it could not let go of, say.
 */
export function* countsWhatIsServed({
  report,
  before,
}: EndedTransition): Generator<Violation> {
  const refusal = report.errors.find(
    (error) => error instanceof TooManyUnservedError,
  );
  const tellers = before.filter((model) =>
    model.has('serveVolume', 'unserveVolume'),
  );
  if (refusal === undefined || tellers.length === 0) return;
  const served = tellers.flatMap((model) => namesIn(model).served);
  const halves = before.filter(
    (model) => model.has('serveVolume') !== model.has('unserveVolume'),
  );
  const least = new Set(served).size;
  const most = new Set([
    ...served,
    ...halves.flatMap((model) => namesIn(model).volumes),
  ]).size;
  const { served: counted, wouldUnserve, allowed } = refusal;
  if (
    counted >= least &&
    counted <= most &&
    wouldUnserve <= counted &&
    wouldUnserve > allowed
  )
    return;
  const message = `refused as unserving ${wouldUnserve} of ${counted} (${allowed} allowed), though ${least} are served`;
  yield { invariant: 'I46', message };
}
