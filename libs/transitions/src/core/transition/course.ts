import type { SupersededError } from '../model/errors.js';
import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import type { SetAside } from './set-aside.js';

/**
 * What a transition did, as far as it knows itself. How it ended is decided from
 * this and from what is held once everything has settled that will.
 */
export type Course =
  /** It was refused before anything changed. */
  | { readonly kind: 'refused' }
  /** A Down stopped it. */
  | { readonly kind: 'stopped' }
  /** A newer configuration took over; its reload runs next. */
  | { readonly kind: 'superseded'; readonly by: SupersededError }
  /** It did what it is for while a superseded reload waits to go on: what is held is not to be judged. */
  | { readonly kind: 'between' }
  /** The new configuration is in force. */
  | {
      readonly kind: 'changed';
      /** There was anything to do for any volume or group, or it was a boot. */
      readonly anything: boolean;
      readonly aside: SetAside;
    }
  /** What was done of a reload was undone. */
  | {
      readonly kind: 'undone';
      /** What each participant should hold. */
      readonly wanted: readonly Holdings[];
      readonly before: readonly ParticipantState[];
    }
  /** What was done of a boot was taken down again. */
  | { readonly kind: 'tornDown' }
  /** A Down has taken down what was up. */
  | { readonly kind: 'takenDown' }
  /** A bug of this library ended it. */
  | { readonly kind: 'broken' };
