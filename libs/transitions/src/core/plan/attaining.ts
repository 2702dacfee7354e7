import type { Holdings, Volume } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';
import { differenceOf, HoldingsEdit } from './difference.js';
import { rebasing } from './holdings.js';

/**
 * How much of what was held at the start (`goal`) undoing can restore.
 * Callbacks get the configuration that was in force (`configured`). So what an
 * earlier failure had left in another state cannot be restored once it is gone:
 * - a group or volume that the configuration does not have is not created
 *   again, and a volume of such a group stays where it is, in the group that it
 *   is in;
 * - such a group stays as it is if it has changed;
 * - options are those of the configuration;
 * - no volume is served again that is not this peer's by the configuration.
 *
 * As work that can be sliced.
 */
export function* attaining(
  goal: Holdings,
  held: Holdings,
  configured: Holdings,
): SlicedWork<Holdings> {
  const edit = new HoldingsEdit(goal);
  const { groups, volumes } = yield* findingDifferent(goal, held, configured);
  let names = 0;
  for (const name of groups) {
    if (++names % 256 === 0) yield;
    const group = goal.groups.get(name);
    const now = held.groups.get(name);
    if (group === undefined || group === now) continue;
    edit.setGroup(name, configured.groups.get(name) ?? now);
  }
  for (const name of volumes) {
    if (++names % 256 === 0) yield;
    const volume = goal.volumes.get(name);
    const now = held.volumes.get(name);
    if (volume === undefined || volume === now) continue;
    const stays = attainableVolume(volume, now, configured, edit);
    edit.setVolume(name, stays);
    if (stays !== undefined && edit.group(stays.groupName) === undefined) {
      edit.setGroup(stays.groupName, held.groups.get(stays.groupName));
    }
  }
  return edit.build();
}

function attainableVolume(
  volume: Volume,
  now: Volume | undefined,
  configured: Holdings,
  goal: HoldingsEdit,
): Volume | undefined {
  const ours = configured.volumes.get(volume.name);
  if (volume === ours) return volume;
  if (now === undefined && ours === undefined) return undefined;
  const served =
    volume.served && (ours?.served === true || now?.served === true);
  if (goal.group(volume.groupName) === undefined) {
    return now && { ...now, served };
  }
  const { section } = ours ?? volume;
  return { ...volume, section, served };
}

/**
 * The names of all groups and volumes that a goal has otherwise than they are
 * held, and otherwise than they are configured; perhaps of some others too.
 */
function* findingDifferent(
  goal: Holdings,
  held: Holdings,
  configured: Holdings,
): SlicedWork<{ groups: Iterable<string>; volumes: Iterable<string> }> {
  const own = differenceOf(goal);
  const other = differenceOf(held);
  if (own.base === other.base) {
    return {
      groups: [...own.groupChanges.keys(), ...other.groupChanges.keys()],
      volumes: [...own.volumeChanges.keys(), ...other.volumeChanges.keys()],
    };
  }
  const rebased = yield* rebasing(goal, configured);
  const { groupChanges, volumeChanges } = differenceOf(rebased);
  return { groups: groupChanges.keys(), volumes: volumeChanges.keys() };
}
