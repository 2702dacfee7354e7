import type { ConfMap } from '@nestjs-transitions/conf';
import type { Difference } from './differences.js';
import type { HeldVolume, ParticipantModel } from './participant-model.js';
import { topologyOf } from './topologies.js';

/** Names of what is set aside. */
export interface Names {
  readonly volumes: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** The volumes and groups that failures name. */
export function namesOf(
  failures: readonly { readonly volume?: string; readonly group?: string }[],
): Names {
  return {
    volumes: new Set(failures.flatMap(({ volume }) => volume ?? [])),
    groups: new Set(failures.flatMap(({ group }) => group ?? [])),
  };
}

/** What may be held otherwise than configured because it is set aside. */
export class SetAside {
  constructor(
    private readonly names: Names,
    private readonly models: readonly ParticipantModel[],
    private readonly confMap: ConfMap,
    /** The configuration before that. */
    private readonly before: ConfMap | undefined,
  ) {}

  /** Whether it is set aside, however it is held. */
  covers({ about, name }: Pick<Difference, 'about' | 'name'>): boolean {
    const { volumes, groups } = this.names;
    if (about === 'volume') return volumes.has(name);
    if (about === 'participant') return false;
    return (
      groups.has(name) ||
      [...volumes].some((volume) => this.homesOf(volume).includes(name))
    );
  }

  /** Whether it is set aside and out of the way as well. */
  excuses(difference: Difference): boolean {
    if (!this.covers(difference)) return false;
    return difference.about !== 'volume' || this.isOutOfTheWay(difference.name);
  }

  /** Nobody serves it, or it is ours and all participants hold it in the same way. */
  private isOutOfTheWay(volumeName: string): boolean {
    const tellers = this.models.filter((model) =>
      model.has('serveVolume', 'unserveVolume'),
    );
    if (!tellers.some((model) => model.serves(volumeName))) return true;
    const wanted = topologyOf(this.confMap).volumes.get(volumeName);
    if (wanted?.served !== true) return false;
    return (
      tellers.every((model) => model.serves(volumeName)) &&
      this.isTheSame(volumeName, ({ group }) => group, 'volumeMoved') &&
      this.isTheSame(volumeName, ({ options }) => options, 'volumeChanged')
    );
  }

  private isTheSame(
    volumeName: string,
    what: (volume: HeldVolume) => string,
    told: 'volumeMoved' | 'volumeChanged',
  ): boolean {
    const seen = this.models
      .filter((model) => model.has('volumeCreated', 'volumeMoved', told))
      .map(({ volumes }) => volumes.get(volumeName));
    return new Set(seen.map((volume) => volume && what(volume))).size <= 1;
  }

  /** The groups in which it is, belongs, or was. */
  private homesOf(volumeName: string): (string | undefined)[] {
    const { confMap, before = confMap } = this;
    const configured = [confMap, before].map(
      (each) => topologyOf(each).volumes.get(volumeName)?.groupName,
    );
    return [
      ...configured,
      // Of who is not told of moves it is not known where it has a volume.
      ...this.models
        .filter((model) => model.has('volumeMoved'))
        .map(({ volumes }) => volumes.get(volumeName)?.group),
    ];
  }
}
