import { fileURLToPath } from 'node:url';
import { ConfMap } from 'nestjs-transitions';
import { expect, it } from 'vitest';
import { isNearly } from '../options/nearly.js';
import { doubtfulNames, ownOptions } from './option-names.js';

it('names that are nearly an option are warned of, with their place and what was meant (F150)', () => {
  const text = `[FileServer]
DataRoot: x
maxfilebytes: 10
RequstLog: none
Colour: red
[Peer:a]
HttpPort: 1
[Volumes:photos]
Directory: p
[Volume:music]
Driectory: m
[VolumeGroup:g]
PrimaryPeer: a
`;
  expect(doubtfulNames(ConfMap.parse(text, { path: 'c.conf' }))).toEqual([
    'c.conf:3: FileServer.maxfilebytes is unknown and does nothing; did you mean MaxFileBytes?',
    'c.conf:4: FileServer.RequstLog is unknown and does nothing; did you mean RequestLog?',
    'c.conf:7: Peer:a.HttpPort is unknown and does nothing; did you mean HTTPPort?',
    'c.conf:8: Volumes:photos is unknown and does nothing; did you mean Volume?',
    'c.conf:11: Volume:music.Driectory is unknown and does nothing; did you mean Directory?',
  ]);
});

it('nothing is doubtful in the example, which has nearly all options (F150)', async () => {
  const path = fileURLToPath(
    new URL('../../conf/peer-a.conf', import.meta.url),
  );
  const confMap = await ConfMap.fromFile(path);
  expect(doubtfulNames(confMap)).toEqual([]);
  const known = ownOptions.get('FileServer') ?? [];
  expect(known).toEqual(expect.arrayContaining(confMap.options('FileServer')));
});

it.each([
  ['directory', 'Directory', true],
  ['Direktory', 'Directory', true],
  ['Directorys', 'Directory', true],
  ['Driectroy', 'Directory', true],
  ['Dir', 'Directory', false],
  ['Peers', 'Peer', true],
  ['Per', 'Peer', true],
  ['Pier', 'Peer', true],
  ['Pears', 'Peer', false],
  ['', 'Peer', false],
  ['MaxFileSize', 'MaxFileBytes', false],
])('%s is nearly %s: %s (F150)', (name, known, nearly) => {
  expect(isNearly(name, known)).toBe(nearly);
});
