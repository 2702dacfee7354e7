import { RejectTransition, type CallbackError } from '../model/errors.js';
import { volumesIn, withoutServing } from '../plan/holdings.js';
import type { Journal } from '../run/journal.js';
import type { VolumeFailure } from '../report/report.js';
import { isVolume } from '../model/step.js';
import type { Holdings } from '../model/topology.js';

/**
 * What `onFailure: 'isolate'` sets aside after a plan: each volume for which a
 * callback failed, and each group, with all volumes that are wanted in it.
 */
export class SetAside {
  /** Each volume with the error that it is set aside for. */
  readonly volumes = new Map<string, CallbackError>();
  private readonly groups = new Set<string>();

  constructor(journal?: Journal, wanted: readonly Holdings[] = []) {
    for (const { target, error } of journal?.failedSteps() ?? []) {
      if (target === null) continue;
      if (isVolume(target)) this.add(target.name, error);
      else {
        this.groups.add(target.name);
        for (const holdings of new Set(wanted)) {
          for (const volume of volumesIn(holdings, target.name)) {
            this.add(volume.name, error);
          }
        }
      }
    }
  }

  get isEmpty(): boolean {
    return this.volumes.size === 0 && this.groups.size === 0;
  }

  /** The volumes that count as failed: not those that a participant refused without any change. */
  *failures(generation: number): Generator<VolumeFailure> {
    for (const [volume, error] of this.volumes) {
      if (error.cause instanceof RejectTransition) continue;
      const { participant, callback } = error.step;
      yield { volume, participant, callback, error, generation };
    }
  }

  /** What a participant has, with what is set aside as it was at the start; volumes released are not served again. */
  restoredIn(
    held: Holdings,
    atStart: Holdings,
    released: ReadonlySet<string>,
  ): Holdings {
    const groups = new Map(held.groups);
    for (const name of this.groups) restore(groups, atStart.groups, name);
    const volumes = new Map(held.volumes);
    for (const name of this.volumes.keys()) {
      restore(volumes, atStart.volumes, name);
    }
    const gone = [...this.volumes.keys()].filter((name) => released.has(name));
    return withoutServing({ groups, volumes }, new Set(gone));
  }

  private add(volumeName: string, error: CallbackError): void {
    if (!this.volumes.has(volumeName)) this.volumes.set(volumeName, error);
  }
}

function restore<T>(
  into: Map<string, T>,
  from: ReadonlyMap<string, T>,
  name: string,
): void {
  const record = from.get(name);
  if (record === undefined) into.delete(name);
  else into.set(name, record);
}
