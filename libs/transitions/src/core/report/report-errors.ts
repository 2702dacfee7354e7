import { errorAsJson } from '../model/json.js';
import { count, messageOf } from '../model/error-text.js';
import { printBriefly, TransitionsError } from '../model/errors.js';
import { hasSucceeded } from './outcome.js';
import type { TransitionReport } from './report.js';

/**
 * `up` or `signaled` did not apply its configuration. The report says what
 * happened.
 */
export class TransitionFailedError extends TransitionsError {
  readonly code = 'TRANSITIONS_FAILED';

  constructor(readonly report: TransitionReport) {
    super(
      `Transition ${report.id} (${report.kind}) ended ${report.outcome}: ${report.errors.map(messageOf).join('; ')}`,
      { cause: report.errors[0] },
    );
    printBriefly(this, 'report');
  }
}

/**
 * Down could not do everything. `errors` has all errors, and the report has the
 * details.
 */
export class DownError extends AggregateError {
  readonly code = 'TRANSITIONS_DOWN';

  constructor(readonly report: TransitionReport) {
    super(
      report.errors,
      `Down ended with ${count(report.errors.length, 'error')}: ${report.errors.map(messageOf).join('; ')}`,
    );
    this.name = 'DownError';
  }

  /** For JSON.stringify, which leaves out the message of an error. */
  toJSON(): unknown {
    return errorAsJson(this);
  }
}

/**
 * @throws TransitionFailedError unless the configuration is in force and
 * nothing is in doubt.
 */
export function succeeded(report: TransitionReport): TransitionReport {
  if (!hasSucceeded(report.outcome)) throw new TransitionFailedError(report);
  return report;
}
