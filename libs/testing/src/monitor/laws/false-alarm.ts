import type { ConfMap } from '@nestjs-transitions/conf';
import type {
  CallbackName,
  ParticipantSnapshot,
} from 'nestjs-transitions/core';
import { differencesOf } from '../differences.js';
import { namesIn, type ParticipantModel } from '../participant-model.js';
import type { Seen } from '../seen.js';
import { namesOf, SetAside } from '../set-aside.js';
import { told } from '../told.js';
import { wantedBy } from '../topologies.js';
import type { Violation } from '../violation.js';

/** They tell where volumes are, and the options of volumes and groups. */
const telling: readonly CallbackName[] = [
  'volumeGroupCreated',
  'volumeGroupMoved',
  'volumeGroupChanged',
  'volumeCreated',
  'volumeMoved',
  'volumeChanged',
];

/**
 * Nothing is said to be wrong where all that was called is as configured, but for
 * what is set aside and out of the way.
 */
export function* alarmedInVain(
  seen: Seen,
  inForce: ConfMap,
): Generator<Violation> {
  const { snapshot, isReady, readyWhenPartial, models } = seen;
  const { isFailing } = seen;
  const { degraded, unknown, failed } = snapshot;
  if (unknown.length > 0 || isFailing) return;
  // Of whoever has some of them it is not known what it was told.
  const isTold = (model: ParticipantModel): boolean => model.has(...telling);
  const isInTheDark = (model: ParticipantModel): boolean =>
    telling.every((callback) => !model.has(callback));
  if (!models.some(isTold)) return;
  if (!models.every((model) => isTold(model) || isInTheDark(model))) return;
  const otherwise = snapshot.participants.flatMap((each) =>
    saidOtherwise(each, seen, inForce),
  );
  for (const text of otherwise) {
    const message = `every call was made that the configuration wants, but ${text}`;
    yield { invariant: 'I46', message };
  }
  const wanted = wantedBy(inForce);
  const isAllAsCalled = models.every(
    (model) => [...differencesOf(model, wanted)].length === 0,
  );
  const [first] = failed;
  if (isAllAsCalled && first !== undefined) {
    const message = `${first.volume ?? first.group} counts as failed, though everything is as configured`;
    yield { invariant: 'I22', message };
  }
  const but = 'though everything else is as configured';
  if (degraded) yield { invariant: 'I22', message: `degraded, ${but}` };
  if (!isReady && (failed.length === 0 || readyWhenPartial)) {
    yield { invariant: 'I48', message: `not ready, ${but}` };
  }
}

/** What a snapshot says of a participant otherwise than the configuration, but for what is set aside. */
function saidOtherwise(
  seen: ParticipantSnapshot,
  { models, snapshot, inForceBefore }: Seen,
  inForce: ConfMap,
): string[] {
  const { name: participant } = seen;
  const names = namesOf(snapshot.failed);
  const aside = new SetAside(names, models, inForce, inForceBefore);
  const wanted = namesIn(wantedBy(inForce));
  return told.flatMap(([what, verb]) => {
    const about = what === 'groups' ? 'group' : 'volume';
    const differing = [
      ...seen[what].filter((name) => !wanted[what].includes(name)),
      ...wanted[what].filter((name) => !seen[what].includes(name)),
    ].filter((name) => !aside.covers({ about, name }));
    if (differing.length === 0) return [];
    return `it is said otherwise of ${differing.join()} whether ${participant} ${verb} it`;
  });
}
