import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError, VolumeFailedError } from '../model/errors.js';

/**
 * A volume or group that was set aside because a callback failed or ran out of
 * time, or a volume that failed while it was served. What is held of it differs
 * from the configuration in force.
 */
export interface TransitionFailure {
  /** The volume; absent if a group itself is set aside. */
  readonly volume?: string;
  /** The group, if that is what failed. Its volumes are listed separately. */
  readonly group?: string;
  /** Whose callback it was; absent if the volume failed while it was served. */
  readonly participant?: string;
  readonly callback?: CallbackName;
  readonly error: CallbackError | VolumeFailedError;
  /** The generation of the configuration that was being applied. */
  readonly generation: number;
}
