import type { Holdings } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';
import type { TopologyDelta } from './delta-draft.js';
import { orderingNames } from './order.js';

/**
 * The delta, with each set of held records in one order and each set of wanted
 * ones in another. An order is that of some holdings; what they do not have
 * follows in that of the next ones.
 */
export function* orderingSets(
  { groups, volumes, toServe, toUnserve }: TopologyDelta,
  held: readonly Holdings[],
  wanted: readonly Holdings[],
): SlicedWork<TopologyDelta> {
  const groupsHeld = held.map((each) => each.groups);
  const groupsWanted = wanted.map((each) => each.groups);
  const volumesHeld = held.map((each) => each.volumes);
  const volumesWanted = wanted.map((each) => each.volumes);
  return {
    groups: {
      created: yield* orderingNames(groups.created, groupsWanted),
      moved: yield* orderingNames(groups.moved, groupsWanted),
      changed: yield* orderingNames(groups.changed, groupsWanted),
      destroyed: yield* orderingNames(groups.destroyed, groupsHeld),
    },
    volumes: {
      created: yield* orderingNames(volumes.created, volumesWanted),
      moved: yield* orderingNames(volumes.moved, volumesWanted),
      changed: yield* orderingNames(volumes.changed, volumesWanted),
      destroyed: yield* orderingNames(volumes.destroyed, volumesHeld),
    },
    toServe: yield* orderingNames(toServe, volumesWanted),
    toUnserve: yield* orderingNames(toUnserve, volumesHeld),
  };
}
