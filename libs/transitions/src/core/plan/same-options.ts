import type { Volume, VolumeGroup } from '../model/topology.js';

/** Whether all options of two groups are the same, except for `VolumeList`. */
export function sameGroupOptions(
  held: VolumeGroup,
  wanted: VolumeGroup,
): boolean {
  if (held.section === wanted.section) return true;
  const ofHeld = new Set(held.section.options()).add('VolumeList');
  const ofWanted = new Set(wanted.section.options()).add('VolumeList');
  if (ofHeld.size !== ofWanted.size) return false;
  for (const option of ofHeld) {
    if (option === 'VolumeList') continue;
    if (!sameValues(held.section.get(option), wanted.section.get(option))) {
      return false;
    }
  }
  return true;
}

/** Whether the options of two volumes are the same. */
export function sameVolumeOptions(held: Volume, wanted: Volume): boolean {
  if (held.section === wanted.section) return true;
  if (held.section === undefined || wanted.section === undefined) return false;
  return held.section.equals(wanted.section);
}

function sameValues(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((value, index) => value === b[index]);
}
