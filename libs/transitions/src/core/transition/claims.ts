import type { Serving } from '../leases/serving.js';
import type { ParticipantState } from '../model/participant.js';
import type { RealState } from '../state/real-state.js';
import type { SlicedWork } from '../time/slices.js';

const namesBetweenYields = 256;

/**
 * Lets go of those volumes that no participant serves any more. If one of them
 * still does, or a callback about the volume is unknown, it is kept: nobody else
 * gets it until that has ended.
 */
export function* releasingUnserved(
  serving: Serving,
  volumeNames: Iterable<string>,
  states: readonly ParticipantState[],
  unknown: RealState['unknown'],
): SlicedWork<void> {
  const doubtful = new Set(unknown.map(({ target }) => target?.name));
  for (const name of yield* unserved(volumeNames, states)) {
    if (!doubtful.has(name)) serving.release(name);
  }
}

/** Those that no participant serves. */
export function* unserved(
  volumeNames: Iterable<string>,
  states: readonly ParticipantState[],
): SlicedWork<readonly string[]> {
  // Most participants share what they hold.
  const places = [...new Set(states.map(({ held }) => held))];
  const found: string[] = [];
  let looked = 0;
  for (const name of volumeNames) {
    if (++looked % namesBetweenYields === 0) yield;
    if (!places.some(({ volumes }) => volumes.get(name)?.served)) {
      found.push(name);
    }
  }
  return found;
}
