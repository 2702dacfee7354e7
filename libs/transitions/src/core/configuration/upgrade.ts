import { ConfMap } from '@nestjs-transitions/conf';
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
  return new Upgrade(confMap).run();
}

class Upgrade {
  private readonly problems: TopologyProblem[] = [];
  private readonly edit;

  constructor(private readonly confMap: ConfMap) {
    this.edit = ConfMap.edit(confMap);
  }

  run(): ConfMap {
    const volumes = this.values('FSGlobals', 'VolumeList') ?? [];
    const prefix = this.atMostOne('Transitions', 'AutoVolumeGroupPrefix');
    const suffix = this.atMostOne('Transitions', 'AutoVolumeGroupSuffix');
    const groups = volumes.map((volume) => `${prefix}${volume}${suffix}`);
    volumes.forEach((volume, index) => this.move(volume, groups[index]!));
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
    this.edit.delete('FSGlobals', 'VolumeList');
    const listed = this.confMap.locate('FSGlobals', 'VolumeList');
    this.edit.set('FSGlobals', 'VolumeGroupList', groups, listed);
    for (const volume of volumes) {
      const flow = this.values(`Volume:${volume}`, 'FlowControl')![0]!;
      this.edit.delete(`FlowControl:${flow}`);
      this.edit.delete(`Volume:${volume}`, 'FlowControl');
      this.edit.delete(`Volume:${volume}`, 'PrimaryPeer');
    }
    return this.edit.build();
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
    this.take('PrimaryPeer', volume, group);
    const flowNames = this.required(volume, 'FlowControl');
    if (flowNames.length !== 1) {
      this.problem('must name exactly one flow control', volume, 'FlowControl');
      return;
    }
    const flow = `FlowControl:${flowNames[0]!}`;
    if (!this.confMap.has(flow)) {
      this.problem(`names [${flow}], which is missing`, volume, 'FlowControl');
      return;
    }
    for (const option of toGroup) this.take(option, flow, group);
    for (const option of toVolume) this.take(option, flow, volume);
    for (const option of toVolumeIfPresent) {
      if (this.confMap.has(flow, option)) this.take(option, flow, volume);
    }
  }

  /** Gives an option of one section to another; messages about it go on naming its old place. */
  private take(option: string, from: string, to: string): void {
    const values = this.required(from, option);
    this.edit.set(to, option, values, this.confMap.locate(from, option));
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
