import { relative } from 'node:path';
import { TransitionsService, type ConfMap } from 'nestjs-transitions';
import type { RunningServer } from './server.js';

/** What a newcomer can try now, ready to be pasted. */
export function welcome({ app, self }: RunningServer): string {
  const transitions = app.get(TransitionsService);
  const { participants } = transitions.snapshot();
  const served = participants.find(
    ({ name }) => name === 'VolumeStore',
  )!.served;
  return [
    '',
    `volumed ${self.name} listens on ${self.url.href} and serves ${served.join(', ') || 'no volume'}.`,
    '',
    'Try, in another terminal:',
    ...requestsTo(served[0], self.url),
    ...moveOf(served[0], transitions.confMap!),
    `  kill -HUP ${process.pid}`,
    '',
    '',
  ].join('\n');
}

function requestsTo(volume: string | undefined, server: URL): string[] {
  if (volume === undefined) return [];
  const path = `volumes/${encodeURIComponent(volume)}/hello.txt`;
  const url = quoted(new URL(path, server).href);
  return [`  echo hello | curl -sS -T - ${url}`, `  curl -i ${url}`];
}

/** The line to edit that gives a volume's group to another peer. */
function moveOf(volume: string | undefined, confMap: ConfMap): string[] {
  const group = confMap
    .getStrings('FSGlobals', 'VolumeGroupList')
    .map((name) => `VolumeGroup:${name}`)
    .find((name) =>
      confMap.getStrings(name, 'VolumeList').includes(volume ?? ''),
    );
  if (group === undefined) return [];
  const primary = confMap.getString(group, 'PrimaryPeer');
  const other = confMap
    .getStrings('Cluster', 'Peers')
    .find((peer) => peer !== primary);
  const place = confMap.locate(group, 'PrimaryPeer');
  if (place?.path === undefined || other === undefined) return [];
  const edit = quoted(`${place.line}s/${literal(primary)}/${literal(other)}/`);
  const file = quoted(relative(process.cwd(), place.path));
  // A sed that is not GNU's takes no -i without the ending of a copy.
  const command = `sed -i.bak ${edit} ${file}`;
  return [`  ${command}   # moves ${volume} to ${other}; then`];
}

/** As a word of a shell. */
function quoted(text: string): string {
  return /^[\w./:=%-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** As text to sed, which takes some characters for more than that. */
function literal(name: string): string {
  return name.replace(/[\\/.*[\]^$&]/g, String.raw`\$&`);
}
