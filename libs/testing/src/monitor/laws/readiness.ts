import type { ConfMap } from '@nestjs-transitions/conf';
import type { Seen } from '../seen.js';
import { namesOf, SetAside } from '../set-aside.js';
import type { Violation } from '../violation.js';
import { alarmedInVain } from './false-alarm.js';
import { heldWithoutCall } from './held-without-call.js';

/** No silence, and no false alarm: what is otherwise than configured is said, and nothing else. */
export function* saysWhatIsWrong(seen: Seen): Generator<Violation> {
  const { snapshot, isReady, inForce } = seen;
  if (snapshot.lifecycle !== 'up') {
    if (isReady) {
      yield { invariant: 'I48', message: `ready while ${snapshot.lifecycle}` };
    }
    return;
  }
  if (inForce === undefined) return;
  if (snapshot.unknown.length === 0) yield* heldWithoutCall(seen, inForce);
  const [wrong] = [...wrongWith(seen, inForce, seen.inForceBefore)];
  yield* silence(seen, wrong);
  // A group that is left of what is set aside may be told of, and need not.
  const [maybe] = [...wrongWith(seen, inForce, undefined)];
  if (maybe === undefined) yield* alarmedInVain(seen, inForce);
}

function* silence(seen: Seen, wrong: string | undefined): Generator<Violation> {
  const { snapshot, isReady, readyWhenPartial } = seen;
  const { degraded, unknown, failed } = snapshot;
  if (wrong !== undefined && !degraded) {
    yield { invariant: 'I22', message: `nothing is said of this: ${wrong}` };
  }
  const isAside = failed.length > 0 && !readyWhenPartial;
  const reason =
    wrong ??
    (unknown.length > 0 ? 'something is unknown' : undefined) ??
    (isAside ? 'something is set aside' : undefined);
  if (isReady && reason !== undefined) {
    yield { invariant: 'I48', message: `ready, though ${reason}` };
  }
}

/** What differs from the configuration in force, and is not set aside and out of the way. */
function* wrongWith(
  { snapshot, models, finishFailed, absence }: Seen,
  inForce: ConfMap,
  before: ConfMap | undefined,
): Generator<string> {
  for (const name of finishFailed) yield `${name} failed in signaledFinish`;
  const names = namesOf(snapshot.failed);
  const aside = new SetAside(names, models, inForce, before);
  const wanted = absence.wanted(inForce);
  for (const model of models) {
    for (const difference of absence.differencesOf(model, wanted)) {
      if (!aside.excuses(difference)) yield difference.text;
    }
  }
}
