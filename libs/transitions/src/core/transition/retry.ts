import { isVolume, type Target } from '../model/step.js';
import type { Holdings, Topology } from '../model/topology.js';
import {
  mapHoldings,
  withHomes,
  withThoseOf,
  withoutServing,
  type Names,
} from '../plan/holdings.js';
import { planTransition, type PlanBlock } from '../plan/plan.js';
import type { RealState } from '../state/real-state.js';
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
export function planRetry(
  state: RealState,
  due: Due,
  topology: Topology,
): Pick<ChangeOptions, 'blocks' | 'wanted'> {
  const falling = new Set(
    [...due.volumes].filter((name) => state.failures.isFalling(name)),
  );
  const others: Names = {
    groups: due.groups,
    volumes: new Set([...due.volumes].filter((name) => !falling.has(name))),
  };
  return planOnly(state, due, topology, (held, around) =>
    withoutServing(withThoseOf(held, topology, others, around), falling),
  );
}

/**
 * A plan for some groups and volumes, and for the groups around those volumes.
 * Nobody is told that a transition begins, or ends.
 */
export function planOnly(
  state: RealState,
  names: Names,
  topology: Topology,
  goal: (held: Holdings, around: Names) => Holdings,
): Pick<ChangeOptions, 'blocks' | 'wanted'> {
  const { states } = state;
  const around = withHomes(names, [
    topology,
    ...new Set(states.map(({ held }) => held)),
  ]);
  const { groups, volumes } = around;
  const isMeant = (target: Target): boolean =>
    target !== null && (isVolume(target) ? volumes : groups).has(target.name);
  const wanted = mapHoldings(states, (held) => goal(held, around));
  const blocks = planTransition(
    'signaled',
    states.map((each, index) => ({ state: each, wanted: wanted[index]! })),
  ).flatMap((block): PlanBlock[] => {
    const targets = block.targets.filter(isMeant);
    return targets.length === 0 ? [] : [{ ...block, targets }];
  });
  return { blocks, wanted };
}
