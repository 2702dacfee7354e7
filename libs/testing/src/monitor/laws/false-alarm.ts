import type { ConfMap } from '@nestjs-transitions/conf';
import type {
  CallbackName,
  ParticipantSnapshot,
} from 'nestjs-transitions/core';
import { differencesOf } from '../differences.js';
import {
  namesIn,
  type NamesHeld,
  type ParticipantModel,
} from '../participant-model.js';
import type { Seen } from '../seen.js';
import { namesOf, SetAside } from '../set-aside.js';
import { told } from '../told.js';
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
  if (unknown.length > 0 || isFailing || !seen.absence.isTold) return;
  // Of whoever has some of them it is not known what it was told.
  const isTold = (model: ParticipantModel): boolean => model.has(...telling);
  const isInTheDark = (model: ParticipantModel): boolean =>
    telling.every((callback) => !model.has(callback));
  if (!models.some(isTold)) return;
  if (!models.every((model) => isTold(model) || isInTheDark(model))) return;
  const names = namesOf(failed);
  const aside = new SetAside(names, models, inForce, seen.inForceBefore);
  const otherwise = snapshot.participants.flatMap((each) =>
    saidOtherwise(each, seen, inForce),
  );
  const notAside = otherwise.filter((one) => !aside.covers(one));
  // Nobody is told what it holds who has this callback and not its inverse.
  if (notAside.some(({ isDue }) => isDue)) return;
  // What is set aside is in the way where only some serve it.
  const { participants } = snapshot;
  const isHalfServed = ({ about, name }: SaidOtherwise): boolean => {
    const serving = participants.filter(({ served }) => served.includes(name));
    return (
      about === 'volume' &&
      serving.length > 0 &&
      serving.length < participants.length
    );
  };
  if (otherwise.some((one) => one.isDue && isHalfServed(one))) return;
  for (const { text } of notAside) {
    const message = `every call was made that the configuration wants, but ${text}`;
    yield { invariant: 'I46', message };
  }
  const wanted = seen.absence.wanted(inForce);
  const isAllAsCalled =
    !otherwise.some(({ isDue }) => isDue) &&
    models.every((model) => [...differencesOf(model, wanted)].length === 0);
  const [first] = failed;
  if (isAllAsCalled && first !== undefined) {
    const message = `${first.volume ?? first.group} counts as failed, though everything is as configured`;
    yield { invariant: 'I22', message };
  }
  const but = 'though everything else is as configured';
  if (degraded) yield { invariant: 'I22', message: `degraded, ${but}` };
  // Who has no session is not ready, nor whose claims fail while something waits.
  const { session, waiting } = snapshot;
  const mayBeWell =
    session === undefined || (session.state === 'open' && waiting.length === 0);
  if (!isReady && mayBeWell && (failed.length === 0 || readyWhenPartial)) {
    yield { invariant: 'I48', message: `not ready, ${but}` };
  }
}

/** The callbacks that are to come where somebody has too much, or too little. */
const mending: Readonly<
  Record<keyof NamesHeld, Record<'more' | 'less', readonly CallbackName[]>>
> = {
  groups: { more: ['volumeGroupDestroyed'], less: ['volumeGroupCreated'] },
  volumes: { more: ['volumeDestroyed'], less: ['volumeCreated'] },
  served: { more: ['unserveVolume'], less: ['serveVolume'] },
  leaving: {
    more: ['unserveVolume', 'volumeUnserveCancelled'],
    less: ['volumeToBeUnserved'],
  },
};

/** What a snapshot says of a participant otherwise than the configuration. */
interface SaidOtherwise {
  readonly about: 'group' | 'volume';
  readonly name: string;
  readonly text: string;
  /** The participant has a callback that is still to be called for it. */
  readonly isDue: boolean;
}

function saidOtherwise(
  seen: ParticipantSnapshot,
  { models, absence }: Seen,
  inForce: ConfMap,
): SaidOtherwise[] {
  const { name: participant } = seen;
  const model = models.find(({ name }) => name === participant)!;
  const wanted = namesIn(absence.wanted(inForce));
  // Who was told to serve it, and lacks unserveVolume, is still told before that.
  const isToHearOfLeaving = (name: string): boolean =>
    model.has('serveVolume', 'volumeToBeUnserved') &&
    model.serves(name) &&
    !wanted.served.includes(name);
  return told.flatMap(([what, verb]) => {
    const say = (name: string, how: 'more' | 'less'): SaidOtherwise => ({
      about: what === 'groups' ? 'group' : 'volume',
      name,
      text: `it is said otherwise of ${name} whether ${participant} ${verb} it`,
      isDue:
        mending[what][how].some((callback) => model.has(callback)) ||
        (what === 'served' && isToHearOfLeaving(name)),
    });
    return [
      ...seen[what]
        .filter((name) => !wanted[what].includes(name))
        .map((name) => say(name, 'more')),
      ...wanted[what]
        .filter((name) => !seen[what].includes(name))
        .map((name) => say(name, 'less')),
    ];
  });
}
