import {
  ConfMap,
  type ConfSection,
  type OptionChange,
} from '@nestjs-transitions/conf';
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
  const globals = confMap.section('FSGlobals');
  if (globals !== undefined) yield* globals.reading();
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
const flowControlPrefix = 'FlowControl:';

/** What a flow control changes in each of its volumes, and in the groups of these. */
interface FlowControl {
  readonly inGroup: readonly OptionChange[];
  readonly inVolume: readonly OptionChange[];
}

class Upgrade {
  private readonly problems: TopologyProblem[] = [];
  private readonly edit;
  /** By name; undefined where there is none. */
  private readonly flowControls = new Map<string, FlowControl | undefined>();

  constructor(private readonly confMap: ConfMap) {
    this.edit = ConfMap.edit(confMap);
  }

  *run(): SlicedWork<ConfMap> {
    const volumes = this.values('FSGlobals', 'VolumeList') ?? [];
    const prefix = this.atMostOne('Transitions', 'AutoVolumeGroupPrefix');
    const suffix = this.atMostOne('Transitions', 'AutoVolumeGroupSuffix');
    const groups = volumes.map((volume) => `${prefix}${volume}${suffix}`);
    yield;
    for (let at = 0; at < volumes.length; at++) {
      if (at % volumesBetweenYields === volumesBetweenYields - 1) yield;
      this.move(volumes[at]!, groups[at]!);
    }
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
    let deleted = 0;
    for (const name of this.flowControls.keys()) {
      if (++deleted % volumesBetweenYields === 0) yield;
      this.edit.delete(flowControlPrefix + name);
    }
    yield;
    this.edit.delete('FSGlobals', 'VolumeList');
    yield;
    const listed = this.confMap.locate('FSGlobals', 'VolumeList');
    this.edit.set('FSGlobals', 'VolumeGroupList', groups, listed);
    yield;
    return yield* this.edit.building();
  }

  private move(volumeName: string, groupName: string): void {
    const volume = this.confMap.section(`Volume:${volumeName}`);
    if (volume === undefined) {
      this.problem('is missing', `Volume:${volumeName}`);
      return;
    }
    const primaryPeer = this.required(volume, 'PrimaryPeer');
    const flowControl = this.flowControlOf(volume);
    if (flowControl === undefined) return;
    const group = `VolumeGroup:${groupName}`;
    this.edit
      .change(group, flowControl.inGroup, [
        { option: 'VolumeList', values: [volumeName] },
        { option: 'PrimaryPeer', values: primaryPeer, position: volume.name },
      ])
      .change(volume.name, flowControl.inVolume);
  }

  private flowControlOf(volume: ConfSection): FlowControl | undefined {
    const names = this.required(volume, 'FlowControl');
    const [name] = names;
    if (name === undefined || names.length > 1) {
      const message = 'must name exactly one flow control';
      this.problem(message, volume.name, 'FlowControl');
      return undefined;
    }
    let found = this.flowControls.get(name);
    if (found === undefined) {
      found = this.readFlowControl(flowControlPrefix + name);
      this.flowControls.set(name, found);
    }
    if (found === undefined) {
      const message = `names [${flowControlPrefix}${name}], which is missing`;
      this.problem(message, volume.name, 'FlowControl');
    }
    return found;
  }

  /** Once for all volumes that name it, for it may be all of them. */
  private readFlowControl(name: string): FlowControl | undefined {
    const section = this.confMap.section(name);
    if (section === undefined) return undefined;
    // Messages about what was moved go on naming its old place.
    const take = (option: string): OptionChange => ({
      option,
      values: this.required(section, option),
      position: name,
    });
    const present = toVolumeIfPresent.filter((option) =>
      this.confMap.has(name, option),
    );
    return {
      inGroup: [{ option: 'VirtualIPAddr', values: [] }, ...toGroup.map(take)],
      inVolume: [
        { option: 'PrimaryPeer', values: undefined },
        { option: 'FlowControl', values: undefined },
        ...[...toVolume, ...present].map(take),
      ],
    };
  }

  private required(section: ConfSection, option: string): readonly string[] {
    const values = section.get(option);
    if (values === undefined) {
      this.problem('is missing', section.name, option);
    }
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
