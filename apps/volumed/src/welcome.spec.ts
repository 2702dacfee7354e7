import { ConfMap, TransitionsService } from 'nestjs-transitions';
import { expect, it } from 'vitest';
import type { RunningServer } from './server.js';
import { welcome } from './welcome.js';

const confMap = ConfMap.parse(
  `[Cluster]
Peers: peer-a, peer-b
[FSGlobals]
VolumeGroupList: media
[VolumeGroup:media]
VolumeList: photos
PrimaryPeer: peer-a
`,
  { path: 'conf/cluster.conf' },
);

function welcomeOf(served: readonly string[]): string {
  const transitions = {
    confMap,
    snapshot: () => ({ participants: [{ name: 'VolumeStore', served }] }),
  };
  const app = {
    get: (token: unknown) =>
      token === TransitionsService ? transitions : undefined,
  };
  const self = { name: 'peer-a', url: new URL('http://127.0.0.1:7081/') };
  return welcome({ app, self } as unknown as RunningServer);
}

it('names a request to try, the line to edit and the signal to send', () => {
  const lines = welcomeOf(['photos']).split('\n');
  expect(lines).toContain(
    '  curl -i http://127.0.0.1:7081/volumes/photos/hello.txt',
  );
  expect(lines).toContain(
    "  sed -i '7s/peer-a/peer-b/' conf/cluster.conf   # moves photos to peer-b; then",
  );
  expect(lines).toContain(`  kill -HUP ${process.pid}`);
});

it('a peer that serves nothing says so', () => {
  expect(welcomeOf([])).toContain('serves no volume');
});
