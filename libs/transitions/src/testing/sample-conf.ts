import { ConfMap } from '@nestjs-transitions/conf';

type Sections = Readonly<
  Record<string, Readonly<Record<string, string | readonly string[]>>>
>;

/** A configuration of peer `A` and peer `B`: each group with its volumes, all of peer `A` but those named `…@B`. */
export function sampleConf(
  groups: Readonly<Record<string, readonly string[]>> = { g: ['v'] },
  sections: Sections = {},
): ConfMap {
  return ConfMap.fromObject(sampleSections(groups, sections));
}

/** The same as text of a file. */
export function sampleText(
  groups?: Readonly<Record<string, readonly string[]>>,
  sections?: Sections,
): string {
  return sampleConf(groups, sections).dump();
}

/** The same as sections. */
export function sampleSections(
  groups: Readonly<Record<string, readonly string[]>> = { g: ['v'] },
  sections: Sections = {},
): Sections {
  const names = Object.keys(groups).map((key) => key.split('@'));
  return {
    Cluster: { WhoAmI: 'A', Peers: ['A', 'B'] },
    FSGlobals: { VolumeGroupList: names.map(([name]) => name!) },
    ...Object.fromEntries(
      Object.entries(groups).map(([key, volumes]) => {
        const [name, peer = 'A'] = key.split('@');
        return [
          `VolumeGroup:${name!}`,
          { VolumeList: volumes, PrimaryPeer: peer, VirtualIPAddr: [] },
        ];
      }),
    ),
    ...sections,
  };
}
