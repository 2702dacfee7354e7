/** A volume group, and which of two peers it is given to. */
export interface Group {
  readonly name: string;
  readonly peer: 'here' | 'there';
  readonly volumes: readonly string[];
}

/** So many groups of so many volumes, here and there in turn. */
export function makeGroups(count: number, volumesEach: number): Group[] {
  return Array.from({ length: count }, (_, at) =>
    makeGroup(`g${at}`, at % 2 === 0 ? 'here' : 'there', volumesEach),
  );
}

/** A group of so many volumes. */
export function makeGroup(
  name: string,
  peer: Group['peer'],
  volumes: number,
): Group {
  const names = Array.from({ length: volumes }, (_, at) => `${name}v${at}`);
  return { name, peer, volumes: names };
}

/** The text of a configuration of these groups. */
export function textOf(groups: readonly Group[]): string {
  const lines = [
    '[Cluster]',
    'WhoAmI: here',
    'Peers: here, there',
    '[FSGlobals]',
    `VolumeGroupList: ${groups.map(({ name }) => name).join(' ')}`,
  ];
  for (const { name, peer, volumes } of groups) {
    lines.push(
      `[VolumeGroup:${name}]`,
      `PrimaryPeer: ${peer}`,
      'VirtualIPAddr:',
      `VolumeList: ${volumes.join(' ')}`,
    );
    for (const volume of volumes) lines.push(`[Volume:${volume}]`, 'Size: 1');
  }
  return `${lines.join('\n')}\n`;
}
