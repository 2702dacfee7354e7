import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError } from '../model/errors.js';

/**
 * A volume or a group that was set aside because a callback failed or ran out of
 * time: of it, something else is held than the configuration in force says.
 */
export interface TransitionFailure {
  /** The volume; absent where a group itself is set aside. */
  readonly volume?: string;
  /** The group, where that is what failed: its volumes are listed beside it. */
  readonly group?: string;
  readonly participant: string;
  readonly callback: CallbackName;
  readonly error: CallbackError;
  /** Of the configuration that was to be applied. */
  readonly generation: number;
}
