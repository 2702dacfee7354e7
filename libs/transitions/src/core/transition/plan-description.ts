import type { Configuration } from '../configuration/configuration.js';
import { implementsCallback } from '../model/participant.js';
import { planTransition, type PlanBlock } from '../plan/plan.js';
import type { RealState } from '../state/real-state.js';
import { countingTargets, type DeltaCounts } from '../report/report.js';
import { stepOf, type Step } from '../model/step.js';
import { withLazy } from '../model/lazy.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import type { TopologyProblem } from '../model/topology.js';

/** What a configuration would do if it were applied now; plain data, of which the steps are listed when they are read. */
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
  return withLazy(
    { kind, delta: doAtOnce(countingTargets(blocks)), warnings },
    { steps: () => doAtOnce(describingSteps(blocks, state)) },
  );
}

/** The calls of a plan, in order, as work that can be sliced. */
export function* describingSteps(
  blocks: readonly PlanBlock[],
  state: RealState,
): SlicedWork<readonly Step[]> {
  const steps: Step[] = [];
  for (const { callback, participant: index, targets } of blocks) {
    const participant = state.participants[index]!;
    if (!implementsCallback(participant, callback)) continue;
    for (const target of targets) {
      if (steps.push(stepOf(callback, participant, target)) % 256 === 0) yield;
    }
  }
  return steps;
}
