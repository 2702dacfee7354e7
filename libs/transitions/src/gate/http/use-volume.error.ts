import { TransitionsError } from '../../core/model/errors.js';

/** `@UseVolume` stands where it cannot work; it lists every such place. */
export class UseVolumeError extends TransitionsError {
  readonly code = 'TRANSITIONS_USE_VOLUME';

  constructor(readonly problems: readonly string[]) {
    super(`@UseVolume: ${problems.join('; ')}`);
  }
}
