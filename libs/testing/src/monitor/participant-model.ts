import type { ConfMap } from '@nestjs-transitions/conf';
import type { CallbackName } from 'nestjs-transitions/core';
import type { Call } from '../call-log.js';

/** A volume as a participant was told of it. */
export interface HeldVolume {
  readonly group: string;
  /** Nobody told it the group. */
  readonly isGuessed?: true;
  readonly served: boolean;
  /** The options of its section that the participant knows. */
  readonly options: string;
}

/** What a participant holds, or is to hold. */
export interface Held {
  readonly up: boolean;
  /** Between `up` or `signaledStart` and `signaledFinish`. */
  readonly signaled: boolean;
  /** Each group with what the participant knows of its section. */
  readonly groups: ReadonlyMap<string, string>;
  readonly volumes: ReadonlyMap<string, HeldVolume>;
  /** Volumes that were announced to leave and are still served. */
  readonly leaving: ReadonlySet<string>;
}

/** The names of what is held. */
export interface NamesHeld {
  readonly groups: readonly string[];
  readonly volumes: readonly string[];
  readonly served: readonly string[];
  readonly leaving: readonly string[];
}

/** The names of what is held, in no particular order. */
export function namesIn({ groups, volumes, leaving }: Held): NamesHeld {
  const served = [...volumes].filter(([, volume]) => volume.served);
  return {
    groups: [...groups.keys()],
    volumes: [...volumes.keys()],
    served: served.map(([name]) => name),
    leaving: [...leaving],
  };
}

/** What one participant must believe after the calls that ended well. */
export class ParticipantModel implements Held {
  up = false;
  wentDown = false;
  signaled = false;
  readonly groups = new Map<string, string>();
  readonly volumes = new Map<string, HeldVolume>();
  readonly leaving = new Set<string>();
  /** Volumes of which volumeToBeUnserved was called, whatever came of it, since they were served. */
  readonly announced = new Set<string>();

  constructor(
    readonly name: string,
    /** The callbacks it has. */
    private readonly callbacks: ReadonlySet<CallbackName>,
  ) {}

  /** Whether it has each of these callbacks: what it lacks tells it nothing. */
  has(...callbacks: readonly CallbackName[]): boolean {
    return callbacks.every((callback) => this.callbacks.has(callback));
  }

  serves(volumeName: string): boolean {
    return this.volumes.get(volumeName)?.served === true;
  }

  copy(): ParticipantModel {
    const copy = new ParticipantModel(this.name, this.callbacks);
    const { up, wentDown, signaled } = this;
    Object.assign(copy, { up, wentDown, signaled });
    for (const [name, options] of this.groups) copy.groups.set(name, options);
    for (const [name, volume] of this.volumes) copy.volumes.set(name, volume);
    for (const name of this.leaving) copy.leaving.add(name);
    for (const name of this.announced) copy.announced.add(name);
    return copy;
  }

  /** Takes note that a call begins; some count from then on, whatever they return. */
  begin({ callback, target }: Call): void {
    if (callback === 'signaledFinish') this.signaled = false;
    if (callback === 'volumeToBeUnserved') this.announced.add(target!);
    if (callback === 'down') this.wentDown = true;
  }

  /** Takes note that a call ended well. */
  end(call: Call): void {
    const { callback, target } = call;
    if (target === undefined) this.endOfItself(callback);
    else if (callback.startsWith('volumeGroup')) this.endOfGroup(call, target);
    else this.endOfVolume(call, target);
  }

  setServed(name: string, served: boolean): void {
    const volume = this.volumes.get(name);
    if (volume !== undefined) this.volumes.set(name, { ...volume, served });
  }

  /** The volume has left, or stays after all. */
  settleLeaving(name: string): void {
    this.leaving.delete(name);
    this.announced.delete(name);
  }

  private endOfItself(callback: CallbackName): void {
    if (callback === 'up' || callback === 'down') this.up = callback === 'up';
    if (callback === 'up' || callback === 'signaledStart') this.signaled = true;
    if (callback === 'down') this.signaled = false;
  }

  private endOfGroup({ callback, confMap }: Call, name: string): void {
    if (callback === 'volumeGroupDestroyed') this.groups.delete(name);
    else this.groups.set(name, optionsOf(confMap, `VolumeGroup:${name}`));
  }

  private endOfVolume({ callback, names, confMap }: Call, name: string): void {
    const volume = this.volumes.get(name);
    switch (callback) {
      case 'volumeCreated':
      case 'volumeMoved':
      case 'volumeChanged':
        this.volumes.set(name, {
          group: names[1] ?? volume?.group ?? '',
          served: volume?.served ?? false,
          options: optionsOf(confMap, `Volume:${name}`),
        });
        return;
      case 'volumeDestroyed':
        this.volumes.delete(name);
        return;
      case 'serveVolume':
        this.setServed(name, true);
        return;
      case 'unserveVolume':
      case 'volumeLost':
        this.setServed(name, false);
        this.settleLeaving(name);
        return;
      case 'volumeToBeUnserved':
        this.leaving.add(name);
        return;
      case 'volumeUnserveCancelled':
        this.settleLeaving(name);
        return;
      default:
    }
  }
}

/**
 * The options of a section as one text; of a group's without the list of its
 * volumes, which participants learn from the volumes.
 */
export function optionsOf(confMap: ConfMap, name: string): string {
  const section = confMap.section(name);
  return (section?.options() ?? [])
    .filter((option) => option !== 'VolumeList')
    .map((option) => `${option}=${section?.get(option)?.join() ?? ''}`)
    .sort()
    .join('&');
}
