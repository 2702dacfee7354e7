import { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it } from 'vitest';
import type { Topology } from '../model/topology.js';
import {
  checkConfiguration,
  checkingConfiguration,
  type Configuration,
} from './configuration.js';

const groupCount = 200;

/** A text with groups of two volumes, of which one group may have another address. */
function textOf(changed?: number): string {
  const names = Array.from({ length: groupCount }, (_, i) => `g${i}`);
  return [
    '[Cluster]\nWhoAmI: A\n',
    `[FSGlobals]\nVolumeGroupList: ${names.join(', ')}\n`,
    ...names.map(
      (name, i) => `[VolumeGroup:${name}]
PrimaryPeer: A
VirtualIPAddr: ${i === changed ? '10.0.0.100' : '10.0.0.1'}
VolumeList: ${name}a, ${name}b
[Volume:${name}a]
FSID: 1
[Volume:${name}b]
FSID: ${i === changed ? 1234 : 2}
`,
    ),
  ].join('');
}

/** The same in the old form, which lists volumes. */
function oldFormOf(changed?: number): string {
  const names = Array.from({ length: groupCount }, (_, i) => `v${i}`);
  return [
    '[Cluster]\nWhoAmI: A\n',
    `[FSGlobals]\nVolumeList: ${names.join(', ')}\n`,
    '[FlowControl:f]\nReadCacheLineSize: 1\nReadCacheWeight: 2\n',
    'MaxFlushSize: 3\nMaxFlushTime: 4\n',
    ...names.map(
      (name, i) =>
        `[Volume:${name}]\nPrimaryPeer: ${i === changed ? '' : 'A'}\nFlowControl: f\n`,
    ),
  ].join('');
}

/** The names of the groups and volumes whose records are not the very same in both. */
function touched(before: Topology, after: Topology): string[] {
  const groups = [...after.groups.values()].filter(
    (group) => before.groups.get(group.name) !== group,
  );
  const volumes = [...after.volumes.values()].filter(
    (volume) => before.volumes.get(volume.name) !== volume,
  );
  return [...groups, ...volumes].map(({ name }) => name);
}

const inForce = (text: string): Configuration =>
  checkConfiguration(ConfMap.parse(text), 1, undefined);

describe('a configuration that was not read from the one in force', () => {
  it.each([
    ['a text', (text: string) => ConfMap.parse(text)],
    [
      'a text with overrides',
      (text: string) => ConfMap.parse(text).withOverrides(['Cluster.New=x']),
    ],
    [
      'plain data',
      (text: string) => ConfMap.fromObject(ConfMap.parse(text).toObject()),
    ],
  ])('has new records only for what changed: %s', (_name, make) => {
    const before = checkConfiguration(make(textOf()), 1, undefined);
    const after = checkConfiguration(make(textOf(7)), 2, before);
    expect(touched(before.topology, after.topology)).toEqual(['g7', 'g7b']);
    expect(after.confMap.dump()).toBe(make(textOf(7)).dump());
  });

  it('has new records only for what changed, in the old form too', () => {
    const before = inForce(oldFormOf());
    const given = ConfMap.parse(oldFormOf(7));
    const after = checkConfiguration(given, 2, before);
    expect(touched(before.topology, after.topology)).toEqual(['v7', 'v7']);
    expect(after.confMap.locate('VolumeGroup:v7', 'PrimaryPeer')).toEqual(
      given.locate('Volume:v7', 'PrimaryPeer'),
    );
  });

  it.each([
    ['today’s form', textOf()],
    ['the old form', oldFormOf()],
  ])('is the one in force where it says the same, in %s', (_name, text) => {
    const before = inForce(text);
    const after = checkConfiguration(ConfMap.parse(text), 2, before);
    expect(after).toEqual({ ...before, generation: 2 });
    expect(after.topology).toBe(before.topology);
    expect(after.confMap).toBe(before.confMap);
  });

  it('is compared with it in slices', () => {
    const before = inForce(textOf());
    const same = checkingConfiguration(ConfMap.parse(textOf()), 2, before);
    let yields = 0;
    while (same.next().done !== true) yields++;
    expect(yields).toBeGreaterThan(1);
  });
});
