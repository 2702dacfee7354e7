import type { Serving } from '../leases/serving.js';
import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import type { BlockRecord } from '../run/block-record.js';
import { namesOf } from '../run/target-names.js';
import type { RealState } from '../state/real-state.js';
import type { SlicedWork } from '../time/slices.js';

const namesBetweenYields = 256;
const nothing: ReadonlySet<string> = new Set();

/**
 * Lets go of those volumes that no participant serves any more. If one of them
 * still does, or a callback about the volume is unknown, it is kept: nobody else
 * gets it until that has ended.
 */
export function* releasingUnserved(
  serving: Serving,
  volumeNames: Iterable<string>,
  { states, unknown }: Pick<RealState, 'states' | 'unknown'>,
  records: readonly BlockRecord[] = [],
): SlicedWork<void> {
  const doubtful = new Set(unknown.map(({ target }) => target?.name));
  const places = placesAfter(states, records);
  let looked = 0;
  for (const name of volumeNames) {
    if (++looked % namesBetweenYields === 0) yield;
    if (!serving.isToRelease(name) || doubtful.has(name)) continue;
    if (!isServed(places, name)) serving.release(name);
  }
}

/**
 * Those that no participant serves, after as much of a plan as its records say.
 * None of its records is under way.
 */
export function* unserved(
  volumeNames: Iterable<string>,
  states: readonly ParticipantState[],
  records: readonly BlockRecord[] = [],
): SlicedWork<readonly string[]> {
  const places = placesAfter(states, records);
  const found: string[] = [];
  let looked = 0;
  for (const name of volumeNames) {
    if (++looked % namesBetweenYields === 0) yield;
    if (!isServed(places, name)) found.push(name);
  }
  return found;
}

/** What a participant held before a plan, and what has been unserved of it since. */
interface Place {
  readonly held: Holdings;
  readonly letGo: ReadonlySet<string>;
}

function isServed(places: readonly Place[], name: string): boolean {
  return places.some(
    ({ held, letGo }) =>
      !letGo.has(name) && held.volumes.get(name)?.served === true,
  );
}

/** Most participants share what they hold, and come equally far. */
function placesAfter(
  states: readonly ParticipantState[],
  records: readonly BlockRecord[],
): readonly Place[] {
  const doneBy = new Map<number, ReadonlySet<string>>();
  for (const record of records) {
    const { callback, participant, targets } = record.block;
    if (callback !== 'unserveVolume') continue;
    const done = record.complete ? targets : [...record.doneTargets()];
    doneBy.set(participant, namesOf(done));
  }
  const places: Place[] = [];
  states.forEach(({ held }, index) => {
    const letGo = doneBy.get(index) ?? nothing;
    const isKnown = places.some(
      (place) => place.held === held && place.letGo === letGo,
    );
    if (!isKnown) places.push({ held, letGo });
  });
  return places;
}
