import type { CallbackError, RejectTransition } from '../model/errors.js';
import { isVolume } from '../model/step.js';
import type { Holdings, Volume } from '../model/topology.js';
import type { Excused } from '../plan/deviation.js';
import { HoldingsEdit } from '../plan/difference.js';
import { unserving, volumesIn } from '../plan/holdings.js';
import type { TransitionFailure } from '../report/failure.js';
import type { Journal } from '../run/journal.js';
import type { SlicedWork } from '../time/slices.js';

type VolumesByName = readonly (readonly [
  name: string,
  volume: Volume | undefined,
])[];

/**
 * What `onFailure: 'isolate'` sets aside after a plan: each volume for which a
 * callback failed, and each group, with all volumes that are wanted in it.
 */
export class SetAside {
  /** Each with the error that it is set aside for. */
  readonly volumes = new Map<string, CallbackError>();
  readonly groups = new Map<string, CallbackError>();

  private readonly found = new Map<Holdings['volumes'], VolumesByName>();

  constructor(journal?: Journal, wanted: readonly Holdings[] = []) {
    for (const { target, error } of journal?.failedSteps() ?? []) {
      if (target === null) continue;
      if (isVolume(target)) addTo(this.volumes, target.name, error);
      else {
        addTo(this.groups, target.name, error);
        for (const holdings of new Set(wanted)) {
          for (const volume of volumesIn(holdings, target.name)) {
            addTo(this.volumes, volume.name, error);
          }
        }
      }
    }
  }

  get isEmpty(): boolean {
    return this.volumes.size === 0 && this.groups.size === 0;
  }

  /** The names of all that is set aside. */
  get names(): Excused {
    return {
      volumes: new Set(this.volumes.keys()),
      groups: new Set(this.groups.keys()),
    };
  }

  /** What counts as failed: not what a participant refused without any change. */
  *failures(generation: number): Generator<TransitionFailure> {
    for (const [group, error] of this.groups) {
      if (isRefusal(error)) continue;
      yield { group, ...causeOf(error), generation };
    }
    for (const [volume, error] of this.volumes) {
      if (isRefusal(error)) continue;
      yield { volume, ...causeOf(error), generation };
    }
  }

  /**
   * What a participant has, with what is set aside as it was at the start, and
   * with groups of its volumes that are wanted no more. Volumes that are released
   * (some of those set aside) are not served again. As work that can be sliced.
   */
  *restoring(
    held: Holdings,
    atStart: Holdings,
    released: ReadonlySet<string>,
    wanted: Holdings,
  ): SlicedWork<Holdings> {
    const edit = new HoldingsEdit(held);
    for (const name of this.groups.keys()) {
      edit.setGroup(name, atStart.groups.get(name));
    }
    let names = 0;
    for (const [name, volume] of yield* this.volumesIn(atStart)) {
      if (++names % 256 === 0) yield;
      edit.setVolume(name, volume);
      if (volume === undefined) continue;
      const { groupName } = volume;
      // A superseded reload may have changed it, or destroyed it.
      if (!wanted.groups.has(groupName)) {
        edit.setGroup(groupName, atStart.groups.get(groupName));
      }
    }
    return yield* unserving(edit.build(), released);
  }

  /** The volumes as some holdings have them: as a rule all participants began with the same ones. */
  private *volumesIn({ volumes }: Holdings): SlicedWork<VolumesByName> {
    const known = this.found.get(volumes);
    if (known !== undefined) return known;
    const found: [string, Volume | undefined][] = [];
    for (const name of this.volumes.keys()) {
      if (found.push([name, volumes.get(name)]) % 256 === 0) yield;
    }
    this.found.set(volumes, found);
    return found;
  }
}

/** One of another copy of the library is as good. */
function isRefusal({ cause }: CallbackError): boolean {
  const code: RejectTransition['code'] = 'TRANSITIONS_REJECTED';
  return cause instanceof Error && 'code' in cause && cause.code === code;
}

function causeOf(
  error: CallbackError,
): Pick<TransitionFailure, 'participant' | 'callback' | 'error'> {
  const { participant, callback } = error.step;
  return { participant, callback, error };
}

function addTo(
  into: Map<string, CallbackError>,
  name: string,
  error: CallbackError,
): void {
  if (!into.has(name)) into.set(name, error);
}
