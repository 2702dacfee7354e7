import type { ConfMap } from '@nestjs-transitions/conf';
import { differencesOf, type Difference } from './differences.js';
import type { Held, ParticipantModel } from './participant-model.js';
import { wantedBy } from './topologies.js';

/** What leases keep this peer from, of what a configuration gives to it. */
export class Absence {
  constructor(
    /** The volumes that it waits for, or that were told to be lost: nobody serves them. */
    readonly volumes: ReadonlySet<string>,
    /** The volumes that were lost, which not all may have been told yet. */
    private readonly untold: ReadonlySet<string>,
  ) {}

  /** What every participant is to hold. */
  wanted(confMap: ConfMap): Held {
    const held = wantedBy(confMap);
    if (this.volumes.size === 0) return held;
    const volumes = new Map(held.volumes);
    for (const name of this.volumes) {
      const volume = volumes.get(name);
      if (volume !== undefined) volumes.set(name, { ...volume, served: false });
    }
    return { ...held, volumes };
  }

  /** In what a participant differs from what it is to hold. */
  *differencesOf(model: ParticipantModel, wanted: Held): Generator<Difference> {
    for (const difference of differencesOf(model, wanted)) {
      const { about, name } = difference;
      if (about !== 'volume' || !this.untold.has(name)) yield difference;
    }
  }

  /** Whether nothing was lost that not all may have been told. */
  get isTold(): boolean {
    return this.untold.size === 0;
  }
}

/** The volumes whose leases were lost, until they are claimed and served again. */
export class LostVolumes {
  private readonly told = new Map<string, boolean>();

  lose(volumes: Iterable<string>): void {
    for (const name of volumes) this.told.set(name, false);
  }

  /** A call is about to begin. */
  beginning({
    callback,
    kind,
    target = '',
  }: {
    readonly callback: string;
    readonly kind: string;
    readonly target?: string | undefined;
  }): void {
    if (callback === 'serveVolume') this.told.delete(target);
    else if (kind === 'lost' && this.told.has(target))
      this.told.set(target, true);
  }

  /** What a report, or a snapshot, leaves out for leases. */
  absenceIn({
    waiting,
  }: {
    readonly waiting: readonly { readonly volume: string }[];
  }): Absence {
    const untold = new Set<string>();
    const gone = new Set(waiting.map(({ volume }) => volume));
    for (const [name, isTold] of this.told) {
      if (isTold) gone.add(name);
      else if (!gone.has(name)) untold.add(name);
    }
    return new Absence(gone, untold);
  }
}
