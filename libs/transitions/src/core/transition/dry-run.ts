import { noCounts, type DeltaCounts } from '../report/report.js';
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
  const { errors, warnings } = draft;
  if (admitted === undefined) return rejectedDryRun(draft);
  const steps = await doInSlices(
    describingSteps(admitted.blocks, engine.state),
    engine.clock,
  );
  const changes = admitted.blocks.some(({ targets }) =>
    targets.some((target) => target !== null),
  );
  return {
    kind: 'signaled',
    outcome: changes ? 'applied' : 'unchanged',
    delta: draft.delta,
    steps,
    errors,
    warnings,
  };
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
