/**
 * How a transition ended.
 * `applied`: the new configuration is in force, and everything was done.
 * `unchanged`: nothing differed; signaledStart and signaledFinish were sent.
 * `rejected`: the configuration was refused before anything changed.
 * `rolledBack`: a step failed, and everything done was undone.
 * `partial`: the new configuration is in force, except for what is set aside.
 * `degraded`: what participants hold differs from the configuration in force.
 * `superseded`: a reload with a newer configuration took over at its next step,
 * and goes on from what is held; the configuration did not come into force.
 * `failed`: a Down pre-empted it, or it is a Down that could not do everything.
 */
export type TransitionOutcome =
  | 'applied'
  | 'unchanged'
  | 'rejected'
  | 'rolledBack'
  | 'partial'
  | 'degraded'
  | 'superseded'
  | 'failed';

/** What follows from an outcome. */
interface OutcomeMeaning {
  /**
   * The configuration is in force and nothing is in doubt: `up()` and
   * `signaled()` resolve.
   */
  readonly succeeded: boolean;
}

/**
 * What each outcome means, said once. The compiler asks for a row for a new
 * one.
 */
const outcomeTable: Readonly<Record<TransitionOutcome, OutcomeMeaning>> = {
  applied: { succeeded: true },
  unchanged: { succeeded: true },
  rejected: { succeeded: false },
  rolledBack: { succeeded: false },
  partial: { succeeded: true },
  degraded: { succeeded: false },
  superseded: { succeeded: false },
  failed: { succeeded: false },
};

/** Whether `up()` and `signaled()` resolve with a report of this outcome. */
export function hasSucceeded(outcome: TransitionOutcome): boolean {
  return outcomeTable[outcome].succeeded;
}
