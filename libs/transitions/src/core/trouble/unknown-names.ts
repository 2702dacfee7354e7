import { isVolume } from '../model/step.js';
import type { Names } from '../plan/holdings.js';
import { groupsOf, volumesIn } from '../plan/holdings.js';
import type { RealState } from '../state/real-state.js';

/**
 * The groups and volumes for which nothing may be called, because something about
 * them is unknown: a volume in an unknown group too, and a group with an unknown
 * volume. `'all'` while a participant itself is unknown.
 */
export function unknownNames({
  unknown,
  states,
  wanted,
}: Pick<RealState, 'unknown' | 'states' | 'wanted'>): Names | 'all' {
  const groups = new Set<string>();
  const volumes = new Set<string>();
  const held = new Set(states.map((state) => state.held));
  const places = [...held, ...(wanted === undefined ? [] : [wanted])];
  for (const { target } of unknown) {
    if (target === null) return 'all';
    const { name } = target;
    if (isVolume(target)) {
      volumes.add(name);
      for (const group of groupsOf(name, places)) groups.add(group);
    } else {
      groups.add(name);
      for (const place of places) {
        for (const volume of volumesIn(place, name)) volumes.add(volume.name);
      }
    }
  }
  return { groups, volumes };
}
