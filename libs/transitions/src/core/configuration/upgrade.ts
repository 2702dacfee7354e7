import { ConfMap, type ConfPosition } from '@nestjs-transitions/conf';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import { ConfigurationError } from '../model/errors.js';
import type { TopologyProblem } from '../model/topology.js';

const toGroup = ['ReadCacheLineSize', 'ReadCacheWeight'];
const toVolume = ['MaxFlushSize', 'MaxFlushTime'];
const toVolumeIfPresent = [
  'FileDefragmentChunkSize',
  'FileDefragmentChunkDelay',
];

/**
 * A configuration in today's form. One that lists volumes
 * (`FSGlobals.VolumeList`) instead of groups gets a group of its own for each
 * volume, as ProxyFS does it: `VolumeGroup:<prefix><volume><suffix>` (from
 * `Transitions.AutoVolumeGroupPrefix` and `…Suffix`, both empty by default)
 * takes over the volume's `PrimaryPeer` and the cache options of its
 * `FlowControl:` section, the volume takes over the flush options, and the flow
 * control sections are gone.
 *
 * Never changes its argument; one in today's form is returned as it is.
 *
 * @throws ConfigurationError with all problems, when both lists or neither is
 * there, or when the old form lacks something.
 */
export function upgradeConfMapIfNeeded(confMap: ConfMap): ConfMap {
  return doAtOnce(upgrading(confMap));
}

/** {@link upgradeConfMapIfNeeded} as work that can be sliced. */
export function* upgrading(confMap: ConfMap): SlicedWork<ConfMap> {
  const hasVolumes = confMap.has('FSGlobals', 'VolumeList');
  const hasGroups = confMap.has('FSGlobals', 'VolumeGroupList');
  if (hasGroups && !hasVolumes) return confMap;
  if (hasGroups || !hasVolumes) {
    const what = hasGroups ? 'both' : 'neither';
    throw new ConfigurationError([
      {
        message: `FSGlobals has ${what} of VolumeGroupList and VolumeList; expected exactly one`,
        section: 'FSGlobals',
        ...confMap.locate('FSGlobals'),
      },
    ]);
  }
  return yield* new Upgrade(confMap).run();
}

const volumesBetweenYields = 64;

/** An option with its values, and where it stood. */
interface Moved {
  readonly option: string;
  readonly values: readonly string[];
  readonly position: ConfPosition | undefined;
}

/** What a flow control gives to each of its volumes, and to the groups of these. */
interface FlowControl {
  readonly toGroup: readonly Moved[];
  readonly toVolume: readonly Moved[];
}

class Upgrade {
  private readonly problems: TopologyProblem[] = [];
  private readonly edit;
  /** By the name of the section; undefined where there is none. */
  private readonly flowControls = new Map<string, FlowControl | undefined>();

  constructor(private readonly confMap: ConfMap) {
    this.edit = ConfMap.edit(confMap);
  }

  *run(): SlicedWork<ConfMap> {
    const volumes = this.values('FSGlobals', 'VolumeList') ?? [];
    const prefix = this.atMostOne('Transitions', 'AutoVolumeGroupPrefix');
    const suffix = this.atMostOne('Transitions', 'AutoVolumeGroupSuffix');
    const groups = volumes.map((volume) => `${prefix}${volume}${suffix}`);
    for (let at = 0; at < volumes.length; at++) {
      if (at % volumesBetweenYields === volumesBetweenYields - 1) yield;
      this.move(volumes[at]!, groups[at]!);
    }
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
    for (const section of this.flowControls.keys()) this.edit.delete(section);
    this.edit.delete('FSGlobals', 'VolumeList');
    const listed = this.confMap.locate('FSGlobals', 'VolumeList');
    this.edit.set('FSGlobals', 'VolumeGroupList', groups, listed);
    return yield* this.edit.building();
  }

  private move(volumeName: string, groupName: string): void {
    const volume = `Volume:${volumeName}`;
    const group = `VolumeGroup:${groupName}`;
    if (!this.confMap.has(volume)) {
      this.problem('is missing', volume);
      return;
    }
    this.edit.set(group, 'VolumeList', [volumeName]);
    this.edit.set(group, 'VirtualIPAddr', []);
    this.give(group, [this.take('PrimaryPeer', volume)]);
    const flowControl = this.flowControlOf(volume);
    if (flowControl === undefined) return;
    this.edit.delete(volume, 'PrimaryPeer').delete(volume, 'FlowControl');
    this.give(group, flowControl.toGroup);
    this.give(volume, flowControl.toVolume);
  }

  private flowControlOf(volume: string): FlowControl | undefined {
    const names = this.required(volume, 'FlowControl');
    if (names.length !== 1) {
      this.problem('must name exactly one flow control', volume, 'FlowControl');
      return undefined;
    }
    const section = `FlowControl:${names[0]!}`;
    if (!this.flowControls.has(section)) {
      this.flowControls.set(section, this.readFlowControl(section));
    }
    const found = this.flowControls.get(section);
    if (found === undefined) {
      const message = `names [${section}], which is missing`;
      this.problem(message, volume, 'FlowControl');
    }
    return found;
  }

  /** Once for all volumes that name it, for it may be all of them. */
  private readFlowControl(section: string): FlowControl | undefined {
    if (!this.confMap.has(section)) return undefined;
    const present = toVolumeIfPresent.filter((option) =>
      this.confMap.has(section, option),
    );
    const take = (option: string): Moved => this.take(option, section);
    return {
      toGroup: toGroup.map(take),
      toVolume: [...toVolume, ...present].map(take),
    };
  }

  /** Messages about what was moved go on naming its old place. */
  private take(option: string, section: string): Moved {
    const values = this.required(section, option);
    const position = this.confMap.locate(section, option);
    return { option, values, position };
  }

  private give(section: string, options: readonly Moved[]): void {
    for (const { option, values, position } of options) {
      this.edit.set(section, option, values, position);
    }
  }

  private required(section: string, option: string): readonly string[] {
    const values = this.values(section, option);
    if (values === undefined) this.problem('is missing', section, option);
    return values ?? [];
  }

  private atMostOne(section: string, option: string): string {
    const values = this.values(section, option) ?? [];
    if (values.length > 1) {
      this.problem('has several values; expected one', section, option);
    }
    return values[0] ?? '';
  }

  private values(
    section: string,
    option: string,
  ): readonly string[] | undefined {
    return this.confMap.section(section)?.get(option);
  }

  private problem(message: string, section: string, option?: string): void {
    const where =
      option === undefined ? `[${section}]` : `${section}.${option}`;
    this.problems.push({
      message: `${where} ${message}`,
      section,
      ...(this.confMap.locate(section, option) ?? this.confMap.locate(section)),
    });
  }
}
