import type { Configuration } from '../core/configuration/configuration.js';
import { placeOf } from './refusal.js';

/** How far transitions are. */
export interface Course {
  readonly inForce: Configuration | undefined;
  /** The configuration that a transition brings into force, or undoes. */
  readonly coming: Configuration | undefined;
  /** What was done of it is being undone. */
  readonly isUndoing: boolean;
  /** A reload or a reset runs, or a reload waits to run. */
  readonly isChanging: boolean;
}

/**
 * Whether a volume that is not open is about to be: this peer is its primary by
 * the configuration that is coming; or by the one in force, where that one is put
 * back, or where it is not known yet what is coming. What undoing has released,
 * because another peer may serve it by now, is not on its way.
 */
export function isOnItsWay(volumeName: string, course: Course): boolean {
  const { inForce, coming, isUndoing, isChanging } = course;
  const isHere = (configuration: Configuration | undefined): boolean =>
    configuration !== undefined &&
    placeOf(volumeName, configuration) === 'here';
  if (coming === undefined) return isChanging && isHere(inForce);
  if (!isUndoing) return isHere(coming);
  return isHere(inForce) && typeof placeOf(volumeName, coming) !== 'object';
}
