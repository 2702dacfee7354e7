import type { Holdings } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';
import type { TopologyDelta } from './delta-draft.js';
import { orderingNames } from './order.js';

/** The delta, with each set in the order of what is held or of what is wanted. */
export function* orderingSets(
  { groups, volumes, toServe, toUnserve }: TopologyDelta,
  from: Holdings,
  to: Holdings,
): SlicedWork<TopologyDelta> {
  return {
    groups: {
      created: yield* orderingNames(groups.created, to.groups),
      moved: yield* orderingNames(groups.moved, to.groups),
      changed: yield* orderingNames(groups.changed, to.groups),
      destroyed: yield* orderingNames(groups.destroyed, from.groups),
    },
    volumes: {
      created: yield* orderingNames(volumes.created, to.volumes),
      moved: yield* orderingNames(volumes.moved, to.volumes),
      changed: yield* orderingNames(volumes.changed, to.volumes),
      destroyed: yield* orderingNames(volumes.destroyed, from.volumes),
    },
    toServe: yield* orderingNames(toServe, to.volumes),
    toUnserve: yield* orderingNames(toUnserve, from.volumes),
  };
}
