import { TransitionsError } from '../core/model/errors.js';

/** Options that make no sense; it lists all of them. */
export class TransitionsOptionsError extends TransitionsError {
  readonly code = 'TRANSITIONS_OPTIONS';

  constructor(
    readonly problems: readonly string[],
    /** What the options were given to. */
    subject = 'TransitionsModule',
  ) {
    super(`${subject}: ${problems.join('; ')}`);
  }
}
