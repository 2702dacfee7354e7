import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

function welcomeOf(served: readonly string[], conf = confMap): string {
  const transitions = {
    confMap: conf,
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
    '  sed -i.bak 7s/peer-a/peer-b/ conf/cluster.conf   # moves photos to peer-b; then',
  );
  expect(lines).toContain(`  kill -HUP ${process.pid}`);
});

it('a peer that serves nothing says so', () => {
  expect(welcomeOf([])).toContain('serves no volume');
});

it('what is to be pasted is taken by any shell and any sed as it is meant (F158)', () => {
  const folder = mkdtempSync(join(tmpdir(), "volumed it's here "));
  const path = join(folder, 'cluster.conf');
  const text = `[Cluster]
Peers: a.b/c*, d[e]
[FSGlobals]
VolumeGroupList: media
[VolumeGroup:media]
VolumeList: photos
PrimaryPeer: a.b/c*
`;
  writeFileSync(path, text);
  const command = welcomeOf(['photos'], ConfMap.parse(text, { path }))
    .split('\n')
    .find((line) => line.includes('sed'));
  execFileSync('sh', ['-c', command ?? 'exit 1']);
  expect(readFileSync(path, 'utf8')).toBe(
    text.replace('PrimaryPeer: a.b/c*', 'PrimaryPeer: d[e]'),
  );
  rmSync(folder, { recursive: true });
});
