import { TransitionsError } from '../model/errors.js';

/** A volume was used that is not, or no longer, ours. */
export class LeaseLostError extends TransitionsError {
  readonly code = 'TRANSITIONS_LEASE_LOST';

  constructor(
    readonly volume: string,
    /** With which token it was to be used; undefined where any would do. */
    readonly token: bigint | undefined,
  ) {
    const claim = token === undefined ? '' : ` with token ${token}`;
    super(
      `Volume ${volume} is not held${claim}; stop at once and write nothing: another peer may serve it`,
    );
  }
}
