import type { ConfMap } from '@nestjs-transitions/conf';
import { TargetUnknownError } from 'nestjs-transitions/core';
import { lineOf, type Call } from '../../call-log.js';
import type { EndedTransition } from '../ended-transition.js';
import type { ParticipantModel } from '../participant-model.js';
import { wantedBy } from '../topologies.js';
import type { Violation } from '../violation.js';

/** A reload that leaves alone what is unknown is not refused for it. */
export function* refusedOnlyWhenTouched({
  report,
  calls,
  unknown: unknownNow,
  unknownBefore,
  inForce,
  reset,
  before,
}: EndedTransition): Generator<Violation> {
  const { errors, kind, outcome } = report;
  if (kind !== 'signaled' || outcome !== 'rejected' || reset) return;
  const refusal = errors.find((error) => error instanceof TargetUnknownError);
  if (refusal === undefined) return;
  if (refusal.steps.length === 0) {
    const message = 'refused for what is unknown, and nothing is named';
    yield { invariant: 'I29', message };
  }
  // Whoever validated the configuration was told which one it is.
  const offered = calls[0]?.confMap;
  if (offered === undefined || inForce === undefined) return;
  const unknown = [...unknownBefore, ...unknownNow];
  if (unknown.some((call) => isTouched(call, inForce, offered, before))) return;
  const message = `refused for ${unknown.map(lineOf).join(', ')}, which it leaves alone`;
  yield { invariant: 'I45', message };
}

/**
 * Whether two configurations differ in what a call is about, or in the groups and
 * volumes around that, where they are configured or held.
 */
function isTouched(
  call: Call,
  from: ConfMap,
  to: ConfMap,
  held: readonly ParticipantModel[],
): boolean {
  const { target, callback, confMap, previous = confMap } = call;
  if (target === undefined) return true;
  const differs = (kind: 'groups' | 'volumes', name: string): boolean => {
    const [was, is] = [from, to].map((each) =>
      JSON.stringify(wantedBy(each)[kind].get(name)),
    );
    return was !== is;
  };
  const homes = [
    ...[from, to, confMap, previous].map((each) => wantedBy(each)),
    // A reload that was superseded may have created it.
    ...held.filter((model) => model.has('volumeCreated', 'volumeMoved')),
  ].map(({ volumes }) => volumes);
  return callback.startsWith('volumeGroup')
    ? differs('groups', target) ||
        homes.some((volumes) =>
          [...volumes].some(
            ([name, { group }]) => group === target && differs('volumes', name),
          ),
        )
    : differs('volumes', target) ||
        homes.some((volumes) =>
          differs('groups', volumes.get(target)?.group ?? ''),
        );
}
