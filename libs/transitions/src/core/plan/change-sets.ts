import type { ChangeSet } from '../model/callback-table.js';
import type { Volume, VolumeGroup } from '../model/topology.js';
import { sameGroupOptions, sameVolumeOptions } from './same-options.js';

/** Whether a group is in a set, by what is held of it and what is wanted: as `computeDelta` has it. */
export function isGroupIn(
  set: ChangeSet,
  held: VolumeGroup | undefined,
  wanted: VolumeGroup | undefined,
): boolean {
  if (held === wanted) return false;
  if (held === undefined) return set === 'groupsCreated';
  if (wanted === undefined) return set === 'groupsDestroyed';
  if (held.primaryPeer !== wanted.primaryPeer) return set === 'groupsMoved';
  return set === 'groupsChanged' && !sameGroupOptions(held, wanted);
}

/** The same for a volume. */
export function isVolumeIn(
  set: ChangeSet,
  held: Volume | undefined,
  wanted: Volume | undefined,
): boolean {
  if (held === wanted) return false;
  const isBoth = held !== undefined && wanted !== undefined;
  const hasMoved = isBoth && held.groupName !== wanted.groupName;
  switch (set) {
    case 'volumesCreated':
      return held === undefined;
    case 'volumesDestroyed':
      return wanted === undefined;
    case 'volumesMoved':
      return hasMoved;
    case 'volumesChanged':
      return isBoth && !hasMoved && !sameVolumeOptions(held, wanted);
    case 'volumesServed':
      return wanted?.served === true && (hasMoved || !held?.served);
    case 'volumesUnserved':
      return held?.served === true && (hasMoved || !wanted?.served);
    default:
      return false;
  }
}
