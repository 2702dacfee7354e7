import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError } from '../model/errors.js';

/**
 * A volume or group that was set aside because a callback failed or ran out of
 * time. What is held of it differs from the configuration in force.
 */
export interface TransitionFailure {
  /** The volume; absent if a group itself is set aside. */
  readonly volume?: string;
  /** The group, if that is what failed. Its volumes are listed separately. */
  readonly group?: string;
  readonly participant: string;
  readonly callback: CallbackName;
  readonly error: CallbackError;
  /** The generation of the configuration that was being applied. */
  readonly generation: number;
}
