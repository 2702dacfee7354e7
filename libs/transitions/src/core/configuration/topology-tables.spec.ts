import { inspect } from 'node:util';
import { ConfMap } from '@nestjs-transitions/conf';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeDelta } from '../plan/delta.js';
import { readTopology } from './topology-reader.js';
import type { Holdings, Topology } from '../model/topology.js';
import { listOf, volumePrefix } from './volume-table.js';

const groupNames = ['g', 'h', 'i', 'j'];
const volumeNames = ['a', 'b', 'c', 'd', 'e', 'f', 'v', 'w'];

/**
 * Volumes in groups of this peer or another. Some have a section, which may be
 * anywhere, and so may the sections of groups that are not listed.
 */
const configurations = fc
  .record({
    whoAmI: fc.constantFrom('A', 'A', 'A', 'B'),
    order: fc.shuffledSubarray(groupNames, { minLength: 1 }),
    listed: fc.subarray(groupNames, { minLength: 2 }),
    primaries: fc.array(fc.constantFrom('A', 'B'), {
      minLength: 4,
      maxLength: 4,
    }),
    volumes: fc.shuffledSubarray(volumeNames),
    places: fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }),
    sections: fc.dictionary(
      fc.constantFrom(...volumeNames),
      fc.constantFrom('1', '2'),
    ),
    shuffled: fc.infiniteStream(fc.nat(1000)),
  })
  .map((all) => {
    const { order, primaries, volumes, places, sections, shuffled } = all;
    const listed = order.filter((name) => all.listed.includes(name));
    const groups = order.map((name, index) => {
      const list = volumes.filter(
        (_, at) => places[at]! % order.length === index,
      );
      return `[VolumeGroup:${name}]\nVolumeList: ${list.join(', ')}\nPrimaryPeer: ${primaries[index]}\n`;
    });
    const own = Object.entries(sections).map(
      ([name, value]) => `[Volume:${name}]\nSize: ${value}\n`,
    );
    const inSomeOrder = [...groups, ...own]
      .map((text) => ({ text, key: shuffled.next().value as number }))
      .sort((one, other) => one.key - other.key);
    return `[Cluster]\nWhoAmI: ${all.whoAmI}\n[FSGlobals]\nVolumeGroupList: ${listed.join(', ')}\n${inSomeOrder.map(({ text }) => text).join('')}`;
  });

const plain = ({ groups, volumes }: Holdings): Holdings => ({
  groups: new Map(groups),
  volumes: new Map(volumes),
});

/** Names in any order, some of them twice. */
const askedFor = fc.array(
  fc.constantFrom(...volumeNames, ...groupNames, 'VolumeGroup:g', ''),
);

describe('the groups and the volumes of a topology', () => {
  it('are maps by name, in configuration order', () => {
    fc.assert(
      fc.property(configurations, askedFor, (text, names) => {
        const confMap = ConfMap.parse(text);
        const { volumes, groups } = readTopology(confMap).topology;
        expect([...groups.keys()]).toEqual(
          confMap.getStrings('FSGlobals', 'VolumeGroupList'),
        );
        expect([...volumes.keys()]).toEqual(
          [...groups.values()].flatMap(({ volumeNames: listed }) => listed),
        );
        expectMap(groups, names);
        expectMap(volumes, names);
      }),
    );
  });

  it('are shown as maps', () => {
    const text =
      '[Cluster]\nWhoAmI: A\n[FSGlobals]\nVolumeGroupList: g\n[VolumeGroup:g]\nVolumeList: v\n[Volume:v]\nSize: 1\n';
    const { groups, volumes } = readTopology(ConfMap.parse(text)).topology;
    const plainly = { groups: new Map(groups), volumes: new Map(volumes) };
    expect(inspect({ groups, volumes })).toBe(inspect(plainly));
    expect(JSON.stringify({ groups, volumes })).toBe(JSON.stringify(plainly));
  });
});

/** Checks that it does what a Map with the same content does. */
function expectMap<T extends { readonly name: string }>(
  records: ReadonlyMap<string, T>,
  names: readonly string[],
): void {
  const map = new Map([...records.values()].map((each) => [each.name, each]));
  expect(records.size).toBe(map.size);
  expect([...records]).toEqual([...map]);
  expect([...records.entries()]).toEqual([...map]);
  expect([...records.keys()]).toEqual([...map.keys()]);
  const visited: unknown[] = [];
  records.forEach((record, name) => visited.push([name, record]));
  expect(visited).toEqual([...map]);
  for (const name of names) {
    expect(records.get(name)).toBe(map.get(name));
    expect(records.has(name)).toBe(map.has(name));
  }
}

describe('the volumes of a topology', () => {
  it('are read with those before as they are without, and differ from those before by just the same', () => {
    fc.assert(
      fc.property(configurations, configurations, (before, after) => {
        const first = ConfMap.parse(before);
        const second = ConfMap.parse(after, { previous: first });
        const from: Topology = readTopology(first).topology;
        const { topology: to } = readTopology(second, from);
        const anew = readTopology(second).topology;
        expect([...to.groups]).toEqual([...anew.groups]);
        expect([...to.volumes]).toEqual([...anew.volumes]);
        const expected = computeDelta(plain(from), plain(anew));
        expect(computeDelta(from, to)).toEqual(expected);
        expect(computeDelta(plain(from), to)).toEqual(expected);
        expect(computeDelta(from, plain(to))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('are the very list of before where a group’s volumes are as they were', () => {
    const text = (peerOfG: string, size: string) =>
      `[Cluster]\nWhoAmI: A\n[FSGlobals]\nVolumeGroupList: g, h, i\n` +
      `[VolumeGroup:g]\nVolumeList: a, b\nPrimaryPeer: ${peerOfG}\n` +
      `[VolumeGroup:h]\nVolumeList: c\nPrimaryPeer: A\n[${volumePrefix}c]\nSize: ${size}\n` +
      `[VolumeGroup:i]\nVolumeList: d\nPrimaryPeer: B\n`;
    const first = ConfMap.parse(text('A', '1'));
    const from = readTopology(first).topology;
    const second = ConfMap.parse(text('B', '2'), { previous: first });
    const to = readTopology(second, from).topology;
    const shared = groupNames.filter(
      (name) =>
        listOf(from.volumes, name) !== undefined &&
        listOf(from.volumes, name) === listOf(to.volumes, name),
    );
    expect(shared).toEqual(['i']);
  });

  it('are served by whose turn it is, whoever read their group before', () => {
    const text = (whoAmI: string) =>
      `[Cluster]\nWhoAmI: ${whoAmI}\n[FSGlobals]\nVolumeGroupList: g\n` +
      `[VolumeGroup:g]\nVolumeList: a, b\nPrimaryPeer: A\n` +
      `[${volumePrefix}a]\nSize: 1\n[${volumePrefix}b]\nSize: 1\n`;
    const first = ConfMap.parse(text('A'));
    const second = ConfMap.parse(text('B'), { previous: first });
    const from = readTopology(first).topology;
    const to = readTopology(second, from).topology;
    const served = ({ volumes }: Topology): boolean[] =>
      [...volumes.values()].map((volume) => volume.served);
    expect([served(from), served(to)]).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});
