import { lineOf, type Call } from '../../call-log.js';
import type { ParticipantModel } from '../participant-model.js';
import type { Violation } from '../violation.js';

type Rule = readonly [invariant: string, holds: boolean, expectation: string];

/** What speaks against a call, given what its participant was told before. */
export function objectionsTo(call: Call, model: ParticipantModel): Violation[] {
  return [...lifecycleRules(call, model), ...targetRules(call, model)]
    .filter(([, holds]) => !holds)
    .map(([invariant, , expectation]) => ({
      invariant,
      message: `${lineOf(call)}, but ${expectation}`,
    }));
}

function lifecycleRules(
  { callback }: Call,
  { name, up, wentDown, signaled }: ParticipantModel,
): Rule[] {
  const after: Rule = ['I19', !wentDown, `${name} has gone down`];
  switch (callback) {
    case 'validate':
      return [after];
    case 'up':
      return [after, ['I19', !up, `${name} is up`]];
    case 'signaledStart':
      return [
        after,
        ['I19', up, `${name} is not up`],
        ['I15', !signaled, 'the last signaledStart has had no signaledFinish'],
      ];
    case 'signaledFinish':
      return [
        after,
        ['I19', up, `${name} is not up`],
        ['I15', signaled, 'there was no signaledStart since the last one'],
      ];
    default:
      return [after, ['I19', up, `${name} is not up`]];
  }
}

function targetRules(
  { callback, target, names, kind }: Call,
  model: ParticipantModel,
): Rule[] {
  const name = target ?? '';
  const volume = model.volumes.get(name);
  const knownGroup = model.groups.has(name);
  const group = names[1] ?? '';
  const known: Rule = [
    'I14',
    volume !== undefined,
    'it does not know the volume',
  ];
  const unserved: Rule = [
    'I14',
    volume?.served !== true,
    'it serves the volume',
  ];
  const served: Rule = ['I9', volume?.served === true, 'it does not serve it'];
  const inKnownGroup: Rule = [
    'I14',
    model.groups.has(group),
    'it does not know the group',
  ];
  switch (callback) {
    case 'volumeGroupCreated':
      return [['I14', !knownGroup, 'it knows the group']];
    case 'volumeGroupMoved':
    case 'volumeGroupChanged':
      return [['I14', knownGroup, 'it does not know the group']];
    case 'volumeGroupDestroyed': {
      const left = [...model.volumes].filter(
        ([, held]) => held.group === name && !held.isGuessed,
      );
      return [
        ['I14', knownGroup, 'it does not know the group'],
        [
          'I14',
          left.length === 0,
          `the group has ${left.map(([v]) => v).join(', ')}`,
        ],
      ];
    }
    case 'volumeCreated':
      return [
        ['I14', volume === undefined, 'it knows the volume'],
        inKnownGroup,
      ];
    case 'volumeMoved':
      return [known, unserved, inKnownGroup];
    case 'volumeChanged':
      return [known];
    case 'volumeDestroyed':
      return [known, unserved];
    case 'serveVolume':
      return [known, ['I9', volume?.served !== true, 'it serves it already']];
    case 'volumeToBeUnserved':
      return [served, ['I13', !model.leaving.has(name), 'that was announced']];
    case 'volumeUnserveCancelled':
      return [served, ['I13', model.leaving.has(name), 'it was not announced']];
    case 'unserveVolume':
      return kind === 'lost'
        ? [served, ['I12', !model.has('volumeLost'), 'there is volumeLost']]
        : [served, ['I13', model.announced.has(name), 'it was not announced']];
    case 'volumeLost':
      return [served, ['I12', kind === 'lost', `its kind is ${kind}`]];
    default:
      return [];
  }
}
