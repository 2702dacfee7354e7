import type { Shape } from './configuration.js';

/** How many volumes share a flow control. */
const volumesPerFlow = 10;

/** The text of a configuration in the old form, which lists volumes instead of groups. */
export function oldFormText({ volumes, peers }: Shape): string {
  const names = Array.from({ length: volumes }, (_, at) => `Volume${at}`);
  const lines = [
    '[Cluster]',
    `Peers: ${Array.from({ length: peers }, (_, peer) => `Peer${peer}`).join(', ')}`,
    'WhoAmI: Peer0',
    '',
    '[FSGlobals]',
    `VolumeList: ${names.join(', ')}`,
    '',
  ];
  for (const [at, name] of names.entries()) {
    const flow = Math.floor(at / volumesPerFlow);
    if (at % volumesPerFlow === 0) lines.push(flowText(flow));
    lines.push(volumeText(name, at % peers, flow));
  }
  return [...lines, ''].join('\n');
}

function flowText(flow: number): string {
  return `[FlowControl:Flow${flow}]
MaxFlushSize: 10485760
MaxFlushTime: 10s
ReadCacheLineSize: 1048576
ReadCacheWeight: 100
FileDefragmentChunkSize: 10485760
FileDefragmentChunkDelay: 10ms
`;
}

function volumeText(name: string, peer: number, flow: number): string {
  return `[Volume:${name}]
FSID: ${name.slice('Volume'.length)}
FUSEMountPointName: ${name}MountPoint
AccountName: AUTH_${name}
PrimaryPeer: Peer${peer}
FlowControl: Flow${flow}
`;
}
