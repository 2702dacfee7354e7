import type {
  ParticipantSnapshot,
  TransitionsSnapshot,
} from 'nestjs-transitions/core';
import { lineOf, type Call } from '../../call-log.js';
import { differencesOf } from '../differences.js';
import type { Held, ParticipantModel } from '../participant-model.js';
import type { Violation } from '../violation.js';

/** What a snapshot says, taken while no transition runs, is what the calls did. */
export function* tellsWhatIs(
  snapshot: TransitionsSnapshot,
  models: readonly ParticipantModel[],
  unknown: readonly Call[],
): Generator<Violation> {
  for (const seen of snapshot.participants) {
    const model = models.find(({ name }) => name === seen.name)!;
    for (const { text } of differencesOf(model, asSeen(seen, model))) {
      const message = `by the calls ${text}; the snapshot says otherwise`;
      yield { invariant: 'I17', message };
    }
  }
  const said = snapshot.unknown.map(stepOf).sort().join();
  const seen = unknown.map(stepOf).sort().join();
  if (said === seen) return;
  const message = `the snapshot says unknown: ${said}; not settled are ${unknown.map(lineOf).join()}`;
  yield { invariant: 'I24', message };
}

function stepOf({
  participant,
  callback,
  target,
}: {
  readonly participant: string;
  readonly callback: string;
  readonly target?: string | undefined;
}): string {
  return `${participant}.${callback} ${target}`;
}

/** A snapshot as what is held: of groups and volumes it says nothing but their names. */
function asSeen(seen: ParticipantSnapshot, model: ParticipantModel): Held {
  const served = new Set(seen.served);
  return {
    up: seen.up,
    signaled: model.signaled,
    groups: new Map(
      seen.groups.map((name) => [name, model.groups.get(name) ?? '']),
    ),
    volumes: new Map(
      seen.volumes.map((name) => {
        const { group = '', options = '' } = model.volumes.get(name) ?? {};
        return [name, { group, options, served: served.has(name) }];
      }),
    ),
    leaving: new Set(seen.leaving),
  };
}
