import { TransitionFailedError } from '../model/errors.js';
import type { TransitionOutcome, TransitionReport } from './report.js';

const successes: ReadonlySet<TransitionOutcome> = new Set<TransitionOutcome>([
  'applied',
  'unchanged',
  'partial',
]);

/** @throws TransitionFailedError unless the configuration came into force and nothing is in doubt. */
export function succeeded(report: TransitionReport): TransitionReport {
  if (!successes.has(report.outcome)) throw new TransitionFailedError(report);
  return report;
}
