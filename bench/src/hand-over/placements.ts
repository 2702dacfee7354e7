import { ConfMap } from 'nestjs-transitions';
import {
  configurationText,
  makeGroups,
  type Group,
  type Shape,
} from '../configuration.js';

/** Where the volumes of two peers are: each has half of them, and then some of those of the first one are at the other. */
export type Placement = 'apart' | 'one moved' | 'all moved';

/** The configurations of two peers. */
export class Placements {
  /** The volumes that change places. */
  readonly moved: Readonly<
    Record<Exclude<Placement, 'apart'>, readonly string[]>
  >;
  private readonly groups: readonly Group[];

  constructor(private readonly shape: Shape) {
    this.groups = makeGroups(shape);
    this.moved = {
      'one moved': this.groups[0]!.volumes,
      'all moved': this.groups.flatMap(({ peer, volumes }) =>
        peer === 0 ? volumes : [],
      ),
    };
  }

  /** The configuration of one of the peers. */
  configurationOf(peer: number, placement: Placement): ConfMap {
    const moved = new Set(placement === 'apart' ? [] : this.moved[placement]);
    const placed = this.groups.map((group) =>
      moved.has(group.volumes[0]!) ? { ...group, peer: 1 } : group,
    );
    const text = configurationText(placed, this.shape.peers);
    return ConfMap.parse(text).withOverrides([`Cluster.WhoAmI=Peer${peer}`]);
  }
}

/** 500 volumes at each peer, of which one can move. */
export const small: Shape = { volumes: 1_000, volumesPerGroup: 1, peers: 2 };

/** 25,000 volumes at each peer. */
export const large: Shape = { volumes: 50_000, volumesPerGroup: 10, peers: 2 };
