import type { Held, ParticipantModel } from './participant-model.js';

/** Something that a participant holds otherwise than it should. */
export interface Difference {
  readonly participant: string;
  readonly about: 'participant' | 'group' | 'volume';
  /** Of the group or volume; of the participant otherwise. */
  readonly name: string;
  /** It is only announced, and nothing builds on that. */
  readonly isAnnounced?: true;
  /** As a sentence. */
  readonly text: string;
}

/**
 * In what a participant differs, by its calls, from what it is to hold; as far as
 * it has the callbacks that would have told it.
 */
export function* differencesOf(
  model: ParticipantModel,
  wanted: Held,
): Generator<Difference> {
  yield* differencesOfItself(model, wanted);
  for (const name of new Set([
    ...model.groups.keys(),
    ...wanted.groups.keys(),
  ])) {
    yield* differencesOfGroup(model, wanted, name);
  }
  for (const name of new Set([
    ...model.volumes.keys(),
    ...wanted.volumes.keys(),
  ])) {
    yield* differencesOfVolume(model, wanted, name);
  }
}

function* differencesOfItself(
  model: ParticipantModel,
  wanted: Held,
): Generator<Difference> {
  const { name } = model;
  const told = teller(name, 'participant', name);
  if (wanted.up && !model.up && model.has('up')) yield told('is not up');
  if (!wanted.up && model.up && model.has('down')) yield told('is still up');
  if (model.signaled && !wanted.signaled && model.has('signaledFinish')) {
    yield told('has had no signaledFinish');
  }
}

/** Tells of one participant, about one thing. */
function teller(
  participant: string,
  about: Difference['about'],
  name: string,
): (what: string) => Difference {
  return (what) => ({
    participant,
    about,
    name,
    text: `${participant} ${what}`,
  });
}

/** The same of a single group. */
export function* differencesOfGroup(
  model: ParticipantModel,
  wanted: Held,
  name: string,
): Generator<Difference> {
  const { name: participant } = model;
  const told = teller(participant, 'group', name);
  const [is, should] = [model.groups.get(name), wanted.groups.get(name)];
  if (is === should) return;
  if (should === undefined) {
    if (model.has('volumeGroupDestroyed'))
      yield told(`still knows group ${name}`);
  } else if (is === undefined) {
    if (model.has('volumeGroupCreated'))
      yield told(`does not know group ${name}`);
  } else if (
    model.has('volumeGroupCreated', 'volumeGroupMoved', 'volumeGroupChanged')
  ) {
    yield told(`knows group ${name} with ${is}, and not with ${should}`);
  }
}

/** The same of a single volume. */
export function* differencesOfVolume(
  model: ParticipantModel,
  wanted: Held,
  name: string,
): Generator<Difference> {
  const { name: participant } = model;
  const told = teller(participant, 'volume', name);
  const [is, should] = [model.volumes.get(name), wanted.volumes.get(name)];
  if (is && !should && model.has('volumeDestroyed')) {
    yield told(`still knows ${name}`);
  }
  if (!is && should && model.has('volumeCreated')) {
    yield told(`does not know ${name}`);
  }
  if (is?.served && !should?.served && model.has('unserveVolume')) {
    yield told(`still serves ${name}`);
  }
  if (!is?.served && should?.served && model.has('serveVolume')) {
    yield told(`does not serve ${name}`);
  }
  if (is && should && !is.isGuessed && tellsPlaces(model)) {
    if (is.group !== should.group) {
      yield told(`has ${name} in ${is.group}, and not in ${should.group}`);
    } else if (is.options !== should.options && model.has('volumeChanged')) {
      yield told(
        `has ${name} with ${is.options}, and not with ${should.options}`,
      );
    }
  }
  if (hasOtherAnnouncement(model, wanted, name)) {
    const text = `${participant} was told otherwise whether ${name} is to leave`;
    yield { participant, about: 'volume', name, isAnnounced: true, text };
  }
}

/** Whether a participant was told of the place that a volume has, and of every other since. */
function tellsPlaces(model: ParticipantModel): boolean {
  return (
    model.has('volumeCreated', 'volumeMoved') ||
    model.has('volumeDestroyed', 'volumeMoved')
  );
}

function hasOtherAnnouncement(
  model: ParticipantModel,
  wanted: Held,
  name: string,
): boolean {
  const [is, should] = [model.leaving.has(name), wanted.leaving.has(name)];
  return is
    ? !should && model.has('unserveVolume', 'volumeUnserveCancelled')
    : should && model.has('volumeToBeUnserved');
}
