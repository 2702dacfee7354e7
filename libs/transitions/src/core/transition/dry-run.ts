import type { PlanBlock } from '../plan/plan.js';
import { noCounts, type DeltaCounts } from '../report/report.js';
import { errorAsJson, withJson } from '../model/json.js';
import type { Step } from '../model/step.js';
import type { TopologyProblem } from '../model/topology.js';
import { admit } from './admission.js';
import type { ReloadRequest } from './job-queue.js';
import { doInSlices } from '../time/slices.js';
import { describingSteps } from './plan-description.js';
import type { Transition } from './transition.js';

/** What a reload would do now, and how its checks end; plain data. */
export interface DryRunReport {
  readonly kind: 'signaled';
  /** `rejected` where the reload would be; otherwise what it comes to if nothing fails. */
  readonly outcome: 'applied' | 'unchanged' | 'rejected';
  /** What would change, also where that is refused; nothing where there is no plan. */
  readonly delta: DeltaCounts;
  /** The calls, in order; none where it is rejected. */
  readonly steps: readonly Step[];
  /** Why it would be rejected: problems, vetoes, or what is unknown. */
  readonly errors: readonly Error[];
  /** Doubtful points of the configuration. */
  readonly warnings: readonly TopologyProblem[];
}

/**
 * Takes a configuration through every check that a reload makes, `validate` of
 * every participant included, and says what would follow. Changes nothing.
 */
export async function dryRun(
  transition: Transition,
  request: ReloadRequest,
): Promise<DryRunReport> {
  const { draft, engine } = transition;
  const admitted = await admit(transition, 'signaled', request);
  const { errors, warnings, delta } = draft;
  const steps = await doInSlices(
    describingSteps(admitted?.blocks ?? [], engine.state),
    engine.clock,
  );
  const outcome = outcomeOf(admitted?.blocks);
  const report = { outcome, delta, steps, errors, warnings };
  return withJson<DryRunReport>({ kind: 'signaled', ...report }, () => ({
    errors: errors.map(errorAsJson),
  }));
}

function outcomeOf(
  blocks: readonly PlanBlock[] | undefined,
): DryRunReport['outcome'] {
  if (blocks === undefined) return 'rejected';
  const changes = blocks.some(({ targets }) =>
    targets.some((target) => target !== null),
  );
  return changes ? 'applied' : 'unchanged';
}

/** What a dry run comes to where a reload would be rejected. */
export function rejectedDryRun({
  errors,
  warnings,
}: Pick<DryRunReport, 'errors' | 'warnings'>): DryRunReport {
  return {
    kind: 'signaled',
    outcome: 'rejected',
    delta: noCounts,
    steps: [],
    errors,
    warnings,
  };
}
