import { TransitionsError } from '../core/model/errors.js';

/**
 * Why a kept configuration cannot be used, or replaced. `missing`: none was kept
 * yet. `damaged`: it is not as it was written. `foreign`: it is another peer's, or
 * no kept configuration at all.
 */
export type LastGoodTrouble = 'missing' | 'damaged' | 'foreign';

/** A kept configuration cannot be used, or must not be replaced. */
export class LastGoodError extends TransitionsError {
  readonly code = 'TRANSITIONS_LAST_GOOD';

  constructor(
    readonly trouble: LastGoodTrouble,
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}
