import type { ConfMap } from '@nestjs-transitions/conf';
import type { Call } from '../call-log.js';
import type { ParticipantModel } from './participant-model.js';
import { wantedBy } from './topologies.js';

/** How far a reset reaches: to a participant, or to volumes and the groups in which they are, and belong. */
export interface ResetScope {
  readonly participant?: string;
  readonly groups: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
  /** It may reach further: somebody lacks the callbacks that tell where volumes are. */
  readonly isVague: boolean;
}

const nothing: ReadonlySet<string> = new Set();

/** What a transition resets, by the reason it was begun for; undefined where it is no reset. */
export function resetScopeOf(
  reason: string,
  models: readonly ParticipantModel[],
  inForce: ConfMap | undefined,
): ResetScope | undefined {
  const [, kind, name] =
    /^reset (?:(group|participant) )?(\S+)$/.exec(reason) ?? [];
  if (name === undefined) return undefined;
  if (kind === 'participant') {
    const participant = name;
    return { participant, groups: nothing, volumes: nothing, isVague: false };
  }
  const homes = homesIn(models, inForce);
  const volumes = new Set(
    kind === 'group'
      ? homes.flatMap(([volume, group]) => (group === name ? [volume] : []))
      : [name],
  );
  const around = homes.flatMap(([volume, group]) =>
    volumes.has(volume) ? [group] : [],
  );
  const groups = new Set(kind === 'group' ? [name, ...around] : around);
  const isVague = !models.every(tellsWhereVolumesAre);
  return { groups, volumes, isVague };
}

/** Whether a call is about what is reset. */
export function isWithin(
  { participant, callback, target }: Call,
  scope: ResetScope,
): boolean {
  if (scope.participant !== undefined) return participant === scope.participant;
  if (target === undefined) return false;
  return callback.startsWith('volumeGroup')
    ? scope.groups.has(target)
    : scope.volumes.has(target);
}

/** Whether it may be, for all that is known. */
export function mayBeWithin(call: Call, scope: ResetScope): boolean {
  return (scope.isVague && call.target !== undefined) || isWithin(call, scope);
}

function tellsWhereVolumesAre(model: ParticipantModel): boolean {
  return model.has('volumeCreated', 'volumeMoved', 'volumeDestroyed');
}

/** Each volume with each group in which it is, or belongs. */
function homesIn(
  models: readonly ParticipantModel[],
  inForce: ConfMap | undefined,
): [volume: string, group: string][] {
  const places = [
    ...(inForce === undefined ? [] : [wantedBy(inForce)]),
    ...models.filter(tellsWhereVolumesAre),
  ];
  return places.flatMap(({ volumes }) =>
    Array.from(volumes, ([name, { group }]): [string, string] => [name, group]),
  );
}
