import { ConfMap } from '@nestjs-transitions/conf';

/**
 * What peer A of the cluster A, B and C is told; each group has the volumes and
 * the primary given, such as `photos,music@A`, or `idle@` for none.
 */
export function clusterOf(...groups: string[]): ConfMap {
  const sections = groups.map((text, index) => {
    const [volumes = '', primary = ''] = text.split('@');
    const options = {
      VolumeList: volumes.split(','),
      PrimaryPeer: primary === '' ? [] : [primary],
      VirtualIPAddr: [],
    };
    return [`VolumeGroup:g${index}`, options] as const;
  });
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'A', Peers: ['A', 'B', 'C'] },
    FSGlobals: { VolumeGroupList: groups.map((_, index) => `g${index}`) },
    ...Object.fromEntries(sections),
  });
}
