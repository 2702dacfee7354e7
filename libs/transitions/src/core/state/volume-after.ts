import { meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { Volume, VolumeGroup } from '../model/topology.js';

/**
 * What is held of a volume after a callback for it has returned; undefined if
 * nothing.
 */
export function volumeAfter(
  callback: CallbackName,
  target: Volume,
  before: Volume | undefined,
): Volume | undefined {
  switch (meaningOf(callback).effect) {
    case 'holds':
      return servedOrNot(target, before?.served ?? false);
    case 'serves':
      return target;
    case 'unserves':
      return servedOrNot(target, false);
    case 'forgets':
      return undefined;
    default:
      return before;
  }
}

/**
 * What is held of a group after a callback for it has returned; undefined if
 * nothing.
 */
export function groupAfter(
  callback: CallbackName,
  target: VolumeGroup,
): VolumeGroup | undefined {
  return meaningOf(callback).effect === 'forgets' ? undefined : target;
}

/**
 * The very record of the configuration if it says the same, which makes deltas
 * quick.
 */
function servedOrNot(volume: Volume, served: boolean): Volume {
  return volume.served === served ? volume : { ...volume, served };
}
