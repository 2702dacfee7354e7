import type { Call } from '../call-log.js';
import type { ParticipantModel } from './participant-model.js';
import { topologyOf } from './topologies.js';

/**
 * Takes for granted, before a call, what only a callback that the participant
 * lacks could have told it: whoever has no volumeCreated may serve a volume all
 * the same. What speaks against the call then, speaks against it.
 */
export function assumeUntold(call: Call, model: ParticipantModel): void {
  const { target, callback } = call;
  if (target === undefined) assumeOfItself(call, model);
  else {
    if (!model.has('up')) model.up = true;
    if (callback.startsWith('volumeGroup')) assumeOfGroup(call, target, model);
    else assumeOfVolume(call, target, model);
  }
}

function assumeOfItself(
  { callback, kind }: Call,
  model: ParticipantModel,
): void {
  if (callback === 'validate' || callback === 'up') return;
  if (!model.has('up')) model.up = true;
  if (callback === 'signaledStart' && !model.has('signaledFinish')) {
    model.signaled = false;
  }
  if (callback === 'signaledFinish') {
    const begins = kind === 'up' ? 'up' : 'signaledStart';
    if (!model.has(begins)) model.signaled = true;
  }
}

function assumeOfGroup(
  { callback }: Call,
  name: string,
  model: ParticipantModel,
): void {
  if (callback === 'volumeGroupCreated') {
    if (!model.has('volumeGroupDestroyed')) model.groups.delete(name);
    return;
  }
  assumeGroup(name, model);
  if (callback !== 'volumeGroupDestroyed') return;
  for (const [volume, held] of model.volumes) {
    if (held.group !== name) continue;
    if (!model.has('volumeCreated', 'volumeMoved')) {
      model.volumes.set(volume, { ...held, group: '', isGuessed: true });
    } else if (!model.has('volumeDestroyed')) model.volumes.delete(volume);
  }
}

function assumeOfVolume(
  call: Call,
  name: string,
  model: ParticipantModel,
): void {
  const { callback, names } = call;
  if (names[1] !== undefined) assumeGroup(names[1], model);
  if (callback === 'volumeCreated') {
    if (!model.has('volumeDestroyed')) model.volumes.delete(name);
    return;
  }
  assumeVolume(call, name, model);
  switch (callback) {
    case 'volumeMoved':
    case 'volumeDestroyed':
    case 'serveVolume':
      if (!model.has('unserveVolume')) model.setServed(name, false);
      return;
    case 'volumeToBeUnserved':
      if (!model.has('unserveVolume', 'volumeUnserveCancelled')) {
        model.settleLeaving(name);
      }
      assumeServed(name, model);
      return;
    case 'volumeUnserveCancelled':
    case 'unserveVolume':
    case 'volumeLost':
      assumeServed(name, model);
      if (!model.has('volumeToBeUnserved')) {
        model.leaving.add(name);
        model.announced.add(name);
      }
      return;
    default:
  }
}

function assumeGroup(name: string, model: ParticipantModel): void {
  if (model.groups.has(name) || model.has('volumeGroupCreated')) return;
  model.groups.set(name, '');
}

function assumeVolume(call: Call, name: string, model: ParticipantModel): void {
  if (model.volumes.has(name) || model.has('volumeCreated')) return;
  const { confMap, previous = confMap } = call;
  const group =
    topologyOf(previous).volumes.get(name)?.groupName ??
    topologyOf(confMap).volumes.get(name)?.groupName ??
    '';
  const volume = {
    group,
    isGuessed: true,
    served: false,
    options: '',
  } as const;
  model.volumes.set(name, volume);
}

function assumeServed(name: string, model: ParticipantModel): void {
  if (!model.has('serveVolume')) model.setServed(name, true);
}
