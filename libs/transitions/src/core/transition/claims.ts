import type { Serving } from '../leases/serving.js';
import type { ParticipantState } from '../model/participant.js';
import type { RealState } from '../state/real-state.js';

/**
 * Lets go of those volumes that no participant serves any more. If one of them
 * still does, or a callback about the volume is unknown, it is kept: nobody else
 * gets it until that has ended.
 */
export function releaseUnserved(
  serving: Serving,
  volumeNames: Iterable<string>,
  states: readonly ParticipantState[],
  unknown: RealState['unknown'],
): void {
  const doubtful = new Set(unknown.map(({ target }) => target?.name));
  for (const name of volumeNames) {
    if (!doubtful.has(name) && !isServedBySome(states, name)) {
      serving.release(name);
    }
  }
}

/** Whether any participant serves a volume. */
export function isServedBySome(
  states: readonly ParticipantState[],
  volumeName: string,
): boolean {
  return states.some(({ held }) => held.volumes.get(volumeName)?.served);
}
