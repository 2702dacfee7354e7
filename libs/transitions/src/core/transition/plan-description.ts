import type { Configuration } from '../configuration/configuration.js';
import { implementsCallback } from '../model/participant.js';
import { planTransition, type PlanBlock } from '../plan/plan.js';
import type { RealState } from '../state/real-state.js';
import { countTargets, type DeltaCounts } from '../report/report.js';
import { stepOf, type Step } from '../model/step.js';
import type { TopologyProblem } from '../model/topology.js';

/** What a configuration would do if it were applied now; plain data. */
export interface TransitionPlan {
  readonly kind: 'up' | 'signaled';
  readonly delta: DeltaCounts;
  /** The calls, in order. */
  readonly steps: readonly Step[];
  /** Doubtful points of the configuration. */
  readonly warnings: readonly TopologyProblem[];
}

/** The plan that leads from the real state to a configuration, for people to read. */
export function describePlan(
  kind: 'up' | 'signaled',
  state: RealState,
  { topology, warnings }: Configuration,
): TransitionPlan {
  const blocks = planTransition(
    kind,
    state.states.map((current) => ({ state: current, wanted: topology })),
  );
  return { kind, ...describeBlocks(blocks, state), warnings };
}

/** The calls of a plan, in order, and how much it concerns. */
export function describeBlocks(
  blocks: readonly PlanBlock[],
  state: RealState,
): Pick<TransitionPlan, 'delta' | 'steps'> {
  const steps = blocks.flatMap(({ callback, participant: index, targets }) => {
    const participant = state.participants[index]!;
    if (!implementsCallback(participant, callback)) return [];
    return targets.map((target) => stepOf(callback, participant, target));
  });
  return { delta: countTargets(blocks), steps };
}
