import { ConfMap } from 'nestjs-transitions';
import { configurationText, makeGroups } from '../configuration.js';

const shape = { volumes: 1_000, volumesPerGroup: 1, peers: 2 };
const groups = makeGroups(shape);

/** Where the volumes of two peers are: each has half of them, and then some of those of the first one are at the other. */
export type Placement = 'apart' | 'one moved' | 'all moved';

/** The volumes that change places. */
export const movedVolumes: Readonly<
  Record<Exclude<Placement, 'apart'>, readonly string[]>
> = {
  'one moved': groups[0]!.volumes,
  'all moved': groups.flatMap(({ peer, volumes }) =>
    peer === 0 ? volumes : [],
  ),
};

/** The configuration of one of the peers. */
export function configurationOf(peer: number, placement: Placement): ConfMap {
  const moved = new Set(placement === 'apart' ? [] : movedVolumes[placement]);
  const placed = groups.map((group) =>
    moved.has(group.volumes[0]!) ? { ...group, peer: 1 } : group,
  );
  const text = configurationText(placed, shape.peers);
  return ConfMap.parse(text).withOverrides([`Cluster.WhoAmI=Peer${peer}`]);
}
