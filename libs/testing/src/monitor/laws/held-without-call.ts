import type {
  ParticipantSnapshot,
  TransitionsSnapshot,
} from 'nestjs-transitions/core';
import type { ParticipantModel } from '../participant-model.js';
import { told } from '../told.js';
import type { Violation } from '../violation.js';

/**
 * Nobody holds what no call gave: whoever lacks the callbacks, also those that
 * build on them, holds nothing that none of those holds who have them.
 */
export function* heldWithoutCall(
  { participants }: TransitionsSnapshot,
  models: readonly ParticipantModel[],
): Generator<Violation> {
  const hasSome = ({ name }: ParticipantSnapshot, of: typeof told): boolean => {
    const model = models.find((each) => each.name === name)!;
    return of.some(([, , callbacks]) =>
      callbacks.some((callback) => model.has(callback)),
    );
  };
  for (const [index, aspect] of told.entries()) {
    const [what, verb] = aspect;
    const leading = participants.filter((seen) => hasSome(seen, [aspect]));
    if (leading.length === 0) continue;
    const held = new Set(leading.flatMap((seen) => seen[what]));
    for (const seen of participants) {
      if (hasSome(seen, told.slice(index))) continue;
      for (const name of seen[what]) {
        if (held.has(name)) continue;
        const message = `the snapshot says that ${seen.name} ${verb} ${name}, which no call gave to anybody`;
        yield { invariant: 'I46', message };
      }
    }
  }
}
