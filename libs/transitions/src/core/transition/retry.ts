import { isVolume } from '../model/step.js';
import type { Holdings, Topology } from '../model/topology.js';
import {
  adopting,
  findingHomes,
  unserving,
  type Names,
} from '../plan/holdings.js';
import { mapping } from '../plan/mapping.js';
import { choosing } from '../plan/choosing.js';
import { planningTransition } from '../plan/plan.js';
import type { RealState } from '../state/real-state.js';
import type { SlicedWork } from '../time/slices.js';
import type { ChangeOptions } from './change-options.js';

/** What is tried again together: names of what is set aside. */
export type Due = Names;

/**
 * Plans what is due alone, from what is really held to what the configuration
 * says. A volume that fell while it was served is first taken from those who have
 * not let go of it; it is served by a later attempt.
 *
 * Unlike a reset it is not framed by signaledStart and signaledFinish: it comes by
 * itself, perhaps every minute, and participants take those for a reload.
 */
export function planningRetry(
  state: RealState,
  due: Due,
  topology: Topology,
): SlicedWork<Pick<ChangeOptions, 'blocks' | 'wanted'>> {
  const falling = new Set(
    [...due.volumes].filter((name) => state.failures.isFalling(name)),
  );
  const others: Names = {
    groups: due.groups,
    volumes: new Set([...due.volumes].filter((name) => !falling.has(name))),
  };
  return planningOnly(state, due, topology, function* (held, around) {
    const adopted = yield* adopting(held, topology, others, around);
    return yield* unserving(adopted, falling);
  });
}

/**
 * A plan for some groups and volumes, and for the groups around those volumes, as
 * work that can be sliced. Nobody is told that a transition begins, or ends.
 */
export function* planningOnly(
  { states }: RealState,
  names: Names,
  topology: Topology,
  goal: (held: Holdings, around: Names) => SlicedWork<Holdings>,
): SlicedWork<Pick<ChangeOptions, 'blocks' | 'wanted'>> {
  const held = states.map((state) => state.held);
  const around = yield* findingHomes(names, [topology, ...new Set(held)]);
  const wanted = yield* mapping(held, (each) => goal(each, around));
  const planned = yield* planningTransition(
    'signaled',
    states.map((state, index) => ({ state, wanted: wanted[index]! })),
  );
  const { groups, volumes } = around;
  const blocks = yield* choosing(
    planned,
    (target) =>
      target !== null && (isVolume(target) ? volumes : groups).has(target.name),
  );
  return { blocks, wanted };
}
