import { TooManyUnservedError } from 'nestjs-transitions/core';
import type { EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';

/** A reload that would unserve too much counts what is really served. */
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
  const served = new Set(
    tellers.flatMap((model) =>
      [...model.volumes.keys()].filter((name) => model.serves(name)),
    ),
  );
  const { served: counted, wouldUnserve, allowed } = refusal;
  if (
    counted === served.size &&
    wouldUnserve <= counted &&
    wouldUnserve > allowed
  )
    return;
  const message = `refused as unserving ${wouldUnserve} of ${counted} (${allowed} allowed), though ${served.size} are served`;
  yield { invariant: 'I46', message };
}
