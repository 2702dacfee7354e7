import type { ConfMap } from '@nestjs-transitions/conf';
import type { ParticipantSnapshot } from 'nestjs-transitions/core';
import type { Call } from '../call-log.js';
import type { Violation } from './violation.js';

/** A volume as a participant was told of it. */
export interface ModelVolume {
  readonly group: string;
  readonly served: boolean;
  /** The options of its section that the participant knows. */
  readonly options: string;
}

/**
 * What one participant must believe after the calls that ended well, and which
 * calls make sense to it next.
 */
export class ParticipantModel {
  up = false;
  wentDown = false;
  /** Between `up` or `signaledStart` and `signaledFinish`. */
  signaled = false;
  /** Each group with what the participant knows of its section. */
  readonly groups = new Map<string, string>();
  readonly volumes = new Map<string, ModelVolume>();
  readonly leaving = new Set<string>();
  /** Volumes of which volumeToBeUnserved was called, whatever came of it, since they were served. */
  readonly announced = new Set<string>();

  constructor(readonly name: string) {}

  copy(): ParticipantModel {
    const copy = new ParticipantModel(this.name);
    const { up, wentDown, signaled } = this;
    Object.assign(copy, { up, wentDown, signaled });
    for (const [name, options] of this.groups) copy.groups.set(name, options);
    for (const [name, volume] of this.volumes) copy.volumes.set(name, volume);
    for (const name of this.leaving) copy.leaving.add(name);
    for (const name of this.announced) copy.announced.add(name);
    return copy;
  }

  get served(): string[] {
    return [...this.volumes].flatMap(([name, { served }]) =>
      served ? [name] : [],
    );
  }

  /** Takes note that a call begins; some count from then on, whatever they return. */
  begin({ callback, target }: Call): void {
    if (callback === 'signaledFinish') this.signaled = false;
    if (callback === 'volumeToBeUnserved') this.announced.add(target!);
    if (callback === 'down') this.wentDown = true;
  }

  /** Takes note that a call ended well. */
  end({ callback, target, names, confMap }: Call): void {
    const name = target ?? '';
    const volume = this.volumes.get(name);
    switch (callback) {
      case 'up':
        this.up = true;
        this.signaled = true;
        return;
      case 'down':
        this.up = false;
        this.signaled = false;
        return;
      case 'signaledStart':
        this.signaled = true;
        return;
      case 'volumeGroupCreated':
      case 'volumeGroupMoved':
      case 'volumeGroupChanged':
        this.groups.set(name, optionsOf(confMap, `VolumeGroup:${name}`));
        return;
      case 'volumeGroupDestroyed':
        this.groups.delete(name);
        return;
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
        this.leaving.delete(name);
        this.announced.delete(name);
        return;
      case 'volumeToBeUnserved':
        this.leaving.add(name);
        return;
      case 'volumeUnserveCancelled':
        this.leaving.delete(name);
        this.announced.delete(name);
        return;
      default:
    }
  }

  /** What a snapshot says otherwise than the calls did. */
  *differencesFrom(seen: ParticipantSnapshot): Generator<Violation> {
    const pairs: readonly [string, unknown, unknown][] = [
      ['up', seen.up, this.up],
      ['groups', sorted(seen.groups), sorted(this.groups.keys())],
      ['volumes', sorted(seen.volumes), sorted(this.volumes.keys())],
      ['served', sorted(seen.served), sorted(this.served)],
      ['leaving', sorted(seen.leaving), sorted(this.leaving)],
    ];
    for (const [what, said, called] of pairs) {
      if (String(said) === String(called)) continue;
      const message = `the snapshot says of ${this.name} ${what}: ${String(said)}; by its calls it is ${String(called)}`;
      yield { invariant: 'I17', message };
    }
  }

  private setServed(name: string, served: boolean): void {
    const volume = this.volumes.get(name);
    if (volume !== undefined) this.volumes.set(name, { ...volume, served });
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

function sorted(names: Iterable<string>): string[] {
  return [...names].sort();
}
