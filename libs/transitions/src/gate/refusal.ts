import type { Configuration } from '../core/configuration/configuration.js';
import {
  VolumeNotServedError,
  type NotServedReason,
} from './volume-not-served.error.js';

/** Where a configuration has a volume. */
export type Place = 'unknown' | 'here' | 'nowhere' | { readonly peer: string };

/**
 * Why nobody gets into a volume that is not open here. While a transition runs,
 * the configuration that is coming counts as well: what this peer gains is on its
 * way, what it loses is leaving. Another peer is named only where that one serves
 * the volume by the configuration in force, and this peer does by neither.
 */
export function refusalOf(
  volumeName: string,
  inForce: Configuration | undefined,
  coming: Configuration | undefined,
): VolumeNotServedError {
  // Not up yet: nobody can say that there is no such volume.
  if (inForce === undefined) {
    return new VolumeNotServedError(volumeName, 'closed');
  }
  const now = placeOf(volumeName, inForce);
  const then = placeOf(volumeName, coming ?? inForce);
  if (typeof now === 'object' && then !== 'here') {
    return new VolumeNotServedError(volumeName, 'elsewhere', now.peer);
  }
  return new VolumeNotServedError(volumeName, reasonOf(now, then));
}

function reasonOf(now: Place, then: Place): NotServedReason {
  if (now === 'unknown' && then === 'unknown') return 'unknown';
  return now === 'here' && then !== 'here' ? 'draining' : 'closed';
}

/** Where a configuration has a volume; a peer only where it is another one. */
export function placeOf(
  volumeName: string,
  { topology }: Configuration,
): Place {
  const volume = topology.volumes.get(volumeName);
  if (volume === undefined) return 'unknown';
  if (volume.served) return 'here';
  const peer = topology.groups.get(volume.groupName)?.primaryPeer ?? '';
  return peer === '' ? 'nowhere' : { peer };
}
