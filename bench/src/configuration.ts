/** How large the configuration of a benchmark is. */
export interface Shape {
  readonly volumes: number;
  readonly volumesPerGroup: number;
  readonly peers: number;
}

/** A volume group of such a configuration. */
export interface Group {
  readonly name: string;
  readonly peer: number;
  readonly address: string;
  readonly volumes: readonly string[];
}

/** The shape to which all targets refer. */
export const referenceShape: Shape = {
  volumes: 100_000,
  volumesPerGroup: 10,
  peers: 4,
};

/** A configuration, and the same after an edit. */
export interface Texts {
  readonly before: string;
  readonly after: string;
}

/** The texts before and after an edit of 3 % of the groups. */
export function makeTexts(shape: Shape): Texts {
  const groups = makeGroups(shape);
  const changed = changeGroups(groups, 0.03, shape);
  return {
    before: configurationText(groups, shape.peers),
    after: configurationText(changed, shape.peers),
  };
}

/** The texts of which the first has all groups of this peer at the next one, and the second has them here. */
export function makeReturnTexts(shape: Shape): Texts {
  const groups = makeGroups(shape);
  const away = groups.map((group) =>
    group.peer === 0 ? { ...group, peer: 1 } : group,
  );
  return {
    before: configurationText(away, shape.peers),
    after: configurationText(groups, shape.peers),
  };
}

/** The groups of a configuration, spread evenly over the peers. */
export function makeGroups(shape: Shape): Group[] {
  const groups: Group[] = [];
  for (let first = 0; first < shape.volumes; first += shape.volumesPerGroup) {
    const index = groups.length;
    const count = Math.min(shape.volumesPerGroup, shape.volumes - first);
    groups.push({
      name: `VG_${index}`,
      peer: index % shape.peers,
      address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      volumes: Array.from({ length: count }, (_, at) => `Volume${first + at}`),
    });
  }
  return groups;
}

/**
 * The groups after an edit of a fraction of them: a third of these moves to the
 * next peer, a third is destroyed, and as many are created. Always the same
 * ones.
 */
export function changeGroups(
  groups: readonly Group[],
  fraction: number,
  { volumes, peers }: Shape,
): Group[] {
  const random = linearCongruence(12_345);
  const share = fraction / 3;
  let next = volumes;
  return groups.flatMap((group) => {
    const fate = random();
    const moved = { ...group, peer: (group.peer + 1) % peers };
    const kept = fate < share ? [moved] : fate < 2 * share ? [] : [group];
    if (random() >= share) return kept;
    const fresh = group.volumes.map(() => `Volume${next++}`);
    return [...kept, { ...group, name: `${group.name}n`, volumes: fresh }];
  });
}

/** The text of a configuration. This peer is the first one. */
export function configurationText(
  groups: readonly Group[],
  peers: number,
): string {
  const names = Array.from({ length: peers }, (_, peer) => `Peer${peer}`);
  const lines = [
    '[Cluster]',
    `Peers: ${names.join(', ')}`,
    'WhoAmI: Peer0',
    '',
    '[FSGlobals]',
    `VolumeGroupList: ${groups.map(({ name }) => name).join(', ')}`,
    '',
  ];
  for (const group of groups) {
    lines.push(groupText(group));
    for (const volume of group.volumes) lines.push(volumeText(volume));
  }
  // In one piece, like text that comes from a file. The engine stores a string
  // that was put together with `+` as two, and each look at a character has to
  // find out in which of them it is.
  return [...lines, ''].join('\n');
}

function groupText({ name, peer, address, volumes }: Group): string {
  return `[VolumeGroup:${name}]
VolumeList: ${volumes.join(', ')}
VirtualIPAddr: ${address}
PrimaryPeer: Peer${peer}
ReadCacheLineSize: 1048576
ReadCacheWeight: 100
`;
}

function volumeText(name: string): string {
  return `[Volume:${name}]
FSID: ${name.slice('Volume'.length)}
FUSEMountPointName: ${name}MountPoint
AccountName: AUTH_${name}
MaxFlushSize: 10485760
MaxFlushTime: 10s
FileDefragmentChunkSize: 10485760
FileDefragmentChunkDelay: 10ms
`;
}

/** Numbers from 0 to below 1, the same on every machine. */
function linearCongruence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
