import type { ConfMap } from '@nestjs-transitions/conf';
import type { ParticipantSnapshot } from 'nestjs-transitions/core';
import type { Seen } from '../seen.js';
import { told } from '../told.js';
import { topologyOf } from '../topologies.js';
import type { Violation } from '../violation.js';

/**
 * Nobody holds what no call gave: whoever lacks the callbacks, also those that
 * build on them, holds nothing that none of those holds who have them. But it may
 * keep a group for a volume on its way out of it.
 */
export function* heldWithoutCall(
  seen: Seen,
  inForce: ConfMap,
): Generator<Violation> {
  const { participants } = seen.snapshot;
  const hasSome = ({ name }: ParticipantSnapshot, of: typeof told): boolean => {
    const model = seen.models.find((each) => each.name === name)!;
    return of.some(([, , callbacks]) =>
      callbacks.some((callback) => model.has(callback)),
    );
  };
  for (const [index, aspect] of told.entries()) {
    const [what, verb] = aspect;
    const leading = participants.filter((each) => hasSome(each, [aspect]));
    if (leading.length === 0) continue;
    const held = new Set(leading.flatMap((each) => each[what]));
    for (const follower of participants) {
      if (hasSome(follower, told.slice(index))) continue;
      for (const name of follower[what]) {
        if (held.has(name)) continue;
        if (what === 'groups' && isOnTheWayOut(name, follower, seen, inForce))
          continue;
        const message = `the snapshot says that ${follower.name} ${verb} ${name}, which no call gave to anybody`;
        yield { invariant: 'I46', message };
      }
    }
  }
}

/** Whether a volume that a participant has belonged to the group, and somebody still has it otherwise than configured. */
function isOnTheWayOut(
  group: string,
  { volumes }: ParticipantSnapshot,
  { models, absence, inForceBefore }: Seen,
  inForce: ConfMap,
): boolean {
  if (inForceBefore === undefined) return false;
  const before = topologyOf(inForceBefore).volumes;
  const from = volumes.filter((name) => before.get(name)?.groupName === group);
  if (from.length === 0) return false;
  const wanted = absence.wanted(inForce);
  return models.some((model) =>
    [...absence.differencesOf(model, wanted)].some(
      ({ about, name }) => about === 'volume' && from.includes(name),
    ),
  );
}
